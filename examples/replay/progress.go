package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/examples/internal/terminal"
)

// screen is stderr: lines, and on a terminal a progress bar below them. It is safe for concurrent
// use.
type screen struct {
	terminal bool

	mu  sync.Mutex
	out io.Writer
	bar bool // stands in the last line
}

func newScreen(w io.Writer) *screen { return &screen{out: w, terminal: terminal.Is(w)} }

const eraseLine = "\r\x1b[K"

// Write writes whole lines above the bar, which comes back with the next draw.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	return s.out.Write(p)
}

func (s *screen) erase() {
	if s.bar {
		fmt.Fprint(s.out, eraseLine)
		s.bar = false
	}
}

func (s *screen) draw(bar string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprint(s.out, eraseLine+bar)
	s.bar = true
}

const (
	// sampleEvery is how often the client is looked at, and the bar drawn.
	sampleEvery = 250 * time.Millisecond
	// lineEvery is how often progress is a line where no terminal shows the bar.
	lineEvery = 10 * time.Second
)

// monitor watches a replay: it keeps the highest levels and shows how far it is.
type monitor struct {
	driver   *driver
	screen   *screen
	began    time.Time
	duration time.Duration // 0 for none
	turns    int64         // that are to be replayed; 0 for no limit

	quit, done chan struct{}
	highWater  highWater // valid after stop

	mu    sync.Mutex
	phase string

	lastAt      time.Time // of the last line or bar
	lastEmitted uint64
}

// watch starts to watch.
func watch(d *driver, s *screen, duration time.Duration) *monitor {
	now := time.Now()
	m := &monitor{
		driver: d, screen: s, began: now, duration: duration, turns: d.turnsToReplay(),
		quit: make(chan struct{}), done: make(chan struct{}), lastAt: now,
	}
	go m.run()
	return m
}

// say says what is going on from now on.
func (m *monitor) say(phase string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.phase = phase
}

// stop ends the watching and takes the bar away.
func (m *monitor) stop() {
	close(m.quit)
	<-m.done
	m.screen.mu.Lock()
	defer m.screen.mu.Unlock()
	m.screen.erase()
}

func (m *monitor) run() {
	defer close(m.done)
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for {
		stats := m.driver.client.Stats()
		m.highWater.raise(&stats)
		m.show(&stats)
		select {
		case <-m.quit:
			return
		case <-ticker.C:
		}
	}
}

func (m *monitor) show(s *callback.Stats) {
	now := time.Now()
	if since := now.Sub(m.lastAt); since < sampleEvery || !m.screen.terminal && since < lineEvery {
		return
	}
	line := m.line(s, now)
	m.lastAt, m.lastEmitted = now, s.Total.Emitted
	if m.screen.terminal {
		m.screen.draw(line)
		return
	}
	fmt.Fprintln(m.screen, "replay:", line)
}

// line says how far the replay is, and how full the pipe.
func (m *monitor) line(s *callback.Stats, now time.Time) string {
	var line strings.Builder
	share := m.share(now)
	if m.screen.terminal && share >= 0 {
		line.WriteString(drawn(share))
	}
	if share >= 0 {
		fmt.Fprintf(&line, "%3.0f %%  ", 100*share)
	}
	rate := float64(s.Total.Emitted-m.lastEmitted) / now.Sub(m.lastAt).Seconds()
	fmt.Fprintf(&line, "%s events, %s/s, %s runs under way, queue %s, %s permits, %s lost",
		grouped(s.Total.Emitted), grouped(int64(rate)), grouped(m.driver.active.Load()),
		grouped(s.Queue.Events), grouped(s.Permits.InUse),
		grouped(s.Total.Lost()))
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.phase != "" {
		fmt.Fprintf(&line, " (%s)", m.phase)
	} else if left := m.left(now, share); left > 0 {
		fmt.Fprintf(&line, ", %v left", left)
	}
	return line.String()
}

// share returns how much of the replay is done, from 0 to 1; -1 if that is not known.
func (m *monitor) share(now time.Time) float64 {
	share := -1.0
	if m.turns > 0 {
		share = float64(m.driver.turned.Load()) / float64(m.turns)
	}
	if m.duration > 0 {
		share = max(share, float64(now.Sub(m.began))/float64(m.duration))
	}
	return min(share, 1)
}

// left estimates how long the rest takes, 0 if it cannot.
func (m *monitor) left(now time.Time, share float64) time.Duration {
	if share <= 0 {
		return 0
	}
	left := float64(now.Sub(m.began)) * (1 - share) / share
	return time.Duration(left).Round(time.Second)
}

const barWidth = 24

func drawn(share float64) string {
	full := int(share * barWidth)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", barWidth-full) + "] "
}

// grouped writes a number with commas between thousands.
func grouped[T int | int64 | uint64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// size writes a number of bytes.
func size[T int64 | uint64](n T) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	x, i := float64(n), 0
	for ; x >= 1024 && i < len(units)-1; i++ {
		x /= 1024
	}
	if i == 0 {
		return fmt.Sprintf("%d %s", n, units[0])
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}
