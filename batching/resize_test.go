package batching

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// sealOne starts an engine and emits a message of size bytes. play is its Seal, except that the
// value is set to the body that play leaves.
func sealOne(
	t *testing.T, size, headroom int, change func(*Config), play func(*Engine, *Sealing) error,
) *Engine {
	t.Helper()
	var e *Engine
	e = start(t, ackSender{}, func(c *Config) {
		c.Linger = time.Second
		c.Seal = func(b *Sealing) error {
			if err := play(e, b); err != nil {
				return err
			}
			b.SetValue(b.Headroom(), b.Headroom()+len(b.Body()))
			return nil
		}
		if change != nil {
			change(c)
		}
	})
	l := e.NewLane("a", nil, headroom, 0)
	m := state(1)
	sized(&m.Entry, l, 0)
	m.padded(size - m.Size).emit(l)
	return e
}

func TestResizeGivesMemoryForTheBody(t *testing.T) {
	const headroom = 30
	for _, tt := range []struct {
		name      string
		from, to  int // bytes of the body
		wantTaken int // bytes of the memory
	}{
		{"as it is", 1000, 1000, 2048},
		{"a little longer", 1000, 2000, 2048},
		{"to the last byte", 1000, 2048 - headroom, 2048},
		{"too long by one", 1000, 2049 - headroom, 4096},
		{"much longer", 1000, 300_000, 303_104},
		{"a little shorter", 1000, 600, 2048},
		{"shorter, but not by enough to replace the memory", 1000, 513 - headroom, 2048},
		{"four times shorter", 1000, 512 - headroom, 512},
		{"much shorter", 300_000, 40, 512},
		{"empty", 3000, 0, 512},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := sealOne(t, tt.from, headroom, nil, func(e *Engine, b *Sealing) error {
					before, content := b.Buffer(), bytes.Clone(b.Body())
					b.SetValue(headroom, headroom+1)
					buf := b.Resize(tt.to)
					if len(buf) != tt.wantTaken || len(b.Body()) != tt.to ||
						&b.Buffer()[0] != &buf[0] {
						t.Errorf("memory of %d bytes with a body of %d, want %d with %d", len(buf),
							len(b.Body()), tt.wantTaken, tt.to)
					}
					if used := e.memory.used.Load(); used != int64(tt.wantTaken) {
						t.Errorf("%d bytes are charged, want %d", used, tt.wantTaken)
					}
					same := &buf[0] == &before[0]
					if kept := min(tt.from, tt.to); same && !bytes.Equal(b.Body()[:kept],
						content[:kept]) {
						t.Error("memory that the batch keeps has changed")
					}
					if same != (b.Value != nil) {
						t.Errorf("the same memory: %t, with a value of %d bytes", same,
							len(b.Value))
					}
					return nil
				})
				time.Sleep(time.Minute)
				if k := e.Stats().Total; k.Delivered != 1 {
					t.Errorf("account %+v", k)
				}
				checkEmpty(t, e)
			})
		})
	}
}

func TestResizeStaysWithinTheQueue(t *testing.T) {
	for _, tt := range []struct {
		name     string
		queue    int64
		from, to int
		want     int // bytes of memory; 0: none
	}{
		{"in place of its own", 2 << 10, 1000, 2000, 2048},
		{"more than there is", 2<<10 - 1, 1000, 2000, 0},
		{"less", 4096, 4000, 100, 512},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := sealOne(t, tt.from, 0, func(c *Config) { c.QueueBytes = tt.queue },
					func(e *Engine, b *Sealing) error {
						content := bytes.Clone(b.Body())
						b.SetValue(0, tt.from)
						buf := b.Resize(tt.to)
						if len(buf) != tt.want {
							t.Errorf("got %d bytes, want %d", len(buf), tt.want)
						}
						if buf == nil && (!bytes.Equal(b.Body(), content) ||
							!bytes.Equal(b.Value, content)) {
							t.Error("a batch without room to grow has changed")
						}
						if used := e.memory.used.Load(); used > tt.queue {
							t.Errorf("%d bytes are used of %d", used, tt.queue)
						}
						return nil
					})
				time.Sleep(time.Minute)
				checkEmpty(t, e)
				if k := e.Stats().Total; k.Delivered != 1 {
					t.Errorf("account %+v", k)
				}
			})
		})
	}
}

func TestMemoryOfAResizedBatchIsGivenBackOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*Sealing) error
	}{
		{"sent", func(*Sealing) error { return nil }},
		{"unchanged", unchanged},
		{"dropped", func(*Sealing) error { return &SendError{Outcome: Dropped, Reason: TooLarge} }},
		{"panicked", func(*Sealing) error { panic("no") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := sealOne(t, 1000, 0, nil, func(e *Engine, b *Sealing) error {
					for _, n := range []int{30_000, 100, 5000, 600, 200_000, 4000} {
						b.Resize(n)
					}
					return tt.end(b)
				})
				time.Sleep(time.Minute)
				checkEmpty(t, e)
				checkFreeSegments(t, e)
			})
		})
	}
}

func TestMemoryThatABatchGaveUpIsUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := sealOne(t, 1000, 0, nil, func(_ *Engine, b *Sealing) error {
			first := b.Buffer()
			second := b.Resize(5000)
			if third := b.Resize(1000); &third[0] != &first[0] {
				t.Error("the first memory is not free")
			}
			if fourth := b.Resize(5000); &fourth[0] != &second[0] {
				t.Error("the second memory is not free")
			}
			return nil
		})
		time.Sleep(time.Minute)
		checkEmpty(t, e)
	})
}

// checkFreeSegments checks that no segment is in the free list twice.
func checkFreeSegments(t *testing.T, e *Engine) {
	t.Helper()
	e.memory.mu.Lock()
	defer e.memory.mu.Unlock()
	seen := map[*byte]bool{}
	for _, class := range e.memory.free {
		for _, segment := range class {
			if seen[&segment[0]] {
				t.Errorf("a segment of %d bytes was given back twice", len(segment))
			}
			seen[&segment[0]] = true
		}
	}
}

func TestResizeMakesRoomForThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waited := make(chan time.Duration, 1)
		e := sealOne(t, 8000, 0, func(c *Config) {
			c.QueueBytes, c.Overflow,
				c.BlockTimeout = 14<<10, Block, time.Hour
		}, func(e *Engine, b *Sealing) error {
			if p, _ := pieces(b.Body()); p[0].serial != 1 {
				return seal(b)
			}
			began := time.Now()
			go func() {
				state(2).padded(3000).emit(e.NewLane("b", nil, 0, 0))
				waited <- time.Since(began)
			}()
			time.Sleep(time.Minute)
			b.Resize(100)
			time.Sleep(time.Minute)
			return nil
		})
		if d := <-waited; d != time.Minute {
			t.Errorf("a message was accepted after %v, want 1m: when the batch being sealed "+
				"needs less", d)
		}
		time.Sleep(10 * time.Minute)
		checkEmpty(t, e)
	})
}

func TestBatchThatCloseGaveUpGetsNoOtherMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got, same []byte
		cfg := Config{Sender: ackSender{}, Kinds: testKinds, Linger: -1,
			Logger: slog.New(slog.DiscardHandler), Seal: func(b *Sealing) error {
				b.Resize(10_000)
				time.Sleep(time.Minute)
				same, got = b.Resize(9000), b.Resize(90_000)
				return &SendError{Outcome: Dropped, Reason: QueueFull}
			}}
		e, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		state(1).emit(e.NewLane("a", nil, 0, 0))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = e.Close(ctx)
		checkEmpty(t, e)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got != nil || len(same) != 16<<10 {
			t.Errorf("got memory of %d bytes; %d of what it had", len(got), len(same))
		}
		if k := e.Stats().Total; k.Unacknowledged != 1 || k.Lost() != 1 {
			t.Errorf("account %+v", k)
		}
		checkEmpty(t, e)
		e.memory.mu.Lock()
		defer e.memory.mu.Unlock()
		if n := len(e.memory.free[classOf(16<<10)]); n != 0 {
			t.Error("memory that Seal still wrote to was reused")
		}
	})
}
