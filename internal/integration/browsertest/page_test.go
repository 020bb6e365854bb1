package browsertest

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds the whole test: the queue fills in fillIn.
const patience = 3 * time.Minute

// browse starts a headless browser, and ends it with the test. Without a browser, it skips the
// test.
func browse(t *testing.T) (context.Context, *complaints) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium to look at the page with: install the package chromium")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()), chromedp.NoFirstRun, chromedp.Headless,
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(cancel)
	c := &complaints{}
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(c.hear))
	t.Cleanup(cancel)
	return ctx, c
}

// complaints are what a page does that it should not.
type complaints struct {
	mu   sync.Mutex
	list []string
	base string
}

func (c *complaints) hear(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if !strings.Contains(e.Entry.URL, "favicon.ico") {
			c.list = append(c.list, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text,
				e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		c.list = append(c.list, "exception: "+e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; !strings.HasPrefix(url, c.base) && url != "about:blank" {
			c.list = append(c.list, "a request to "+url)
		}
	}
}

func (c *complaints) report(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, complaint := range c.list {
		t.Error(complaint)
	}
}

func do(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

func get[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// sight is what the page shows at one moment.
type sight struct {
	at      time.Duration
	Answer  string
	Level   string
	Filled  float64
	Seconds float64 // -1: no loss is announced
	Lost    float64
}

func (s sight) String() string {
	return fmt.Sprintf("%5.1f s: %-9s %3.0f %% full, %5.1f s to the loss, %.0f lost",
		s.at.Seconds(), s.Level, 100*s.Filled, s.Seconds, s.Lost)
}

const lookScript = `(() => {
	const number = (id, name) => {
		const e = document.getElementById(id);
		return e ? Number(e.dataset[name]) : -1;
	};
	return {
		Answer: document.getElementById("answer").textContent,
		Level: document.querySelector(".level").textContent,
		Filled: number("queue-level", "level"), Seconds: number("answer", "seconds"),
		Lost: number("lost", "lost"),
	};
})()`

// open shows the page on a screen of this size.
func open(t *testing.T, ctx context.Context, url string, width, height int64, dark bool) {
	t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	do(t, ctx, chromedp.EmulateViewport(width, height),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia,
				emulation.SetEmulatedMediaParams{
					Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme",
						Value: scheme}},
				})
			return err
		}), chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("#answer")))
}

// An operator with the page open sees a loss coming: levels rise, the seconds fall, and only then
// is something lost.
func TestThePageAnnouncesALossBeforeItHappens(t *testing.T) {
	if testing.Short() {
		t.Skip("filling the queue takes half a minute")
	}
	ctx, complaints := browse(t)
	url, producer := serve(t)
	complaints.base = url
	open(t, ctx, url, 900, 690, false)
	began := time.Now()
	look := func() (s sight) {
		t.Helper()
		s = get(t, ctx, chromedp.Evaluate[sight](lookScript))
		s.at = time.Since(began)
		return s
	}
	get(t, ctx,
		chromedp.Poll[bool](
			`document.getElementById("answer").textContent.includes("no limit comes closer")`,
			chromedp.WithPollingTimeout(15*time.Second)))
	if before := look(); before.Level != "ok" || before.Lost != 0 {
		t.Errorf("before the outage the page says %v: %s", before, before.Answer)
	}
	producer.broker.standStill()
	began = time.Now()
	seen := watch(t, ctx, look)
	judge(t, seen)
	get(t, ctx, chromedp.Poll[bool](`document.querySelector(".level").textContent === "dropping"`,
		chromedp.WithPollingTimeout(10*time.Second)))
	complaints.report(t)
}

// watch looks at the page repeatedly until it reports a loss.
func watch(t *testing.T, ctx context.Context, look func() sight) []sight {
	t.Helper()
	var seen []sight
	for ticker := time.NewTicker(500 * time.Millisecond); ; {
		s := look()
		if seen = append(seen, s); s.Lost > 0 {
			ticker.Stop()
			return seen
		}
		select {
		case <-ctx.Done():
			t.Fatalf("nothing was lost in time; seen was\n%v", seen)
		case <-ticker.C:
		}
	}
}

// raisedLevels are the badges of the levels that are not ok.
var raisedLevels = map[string]bool{"elevated": true, "critical": true, "dropping": true}

// judge checks what was seen from the beginning of the outage to the first loss.
func judge(t *testing.T, seen []sight) {
	t.Helper()
	for _, s := range seen {
		t.Log(s)
	}
	lost := seen[len(seen)-1].at
	announced, raised := -1, -1
	for i, s := range seen[:len(seen)-1] {
		if s.Seconds >= 0 && announced < 0 {
			announced = i
		}
		if raisedLevels[s.Level] && raised < 0 {
			raised = i
		}
		if i > 0 && s.Filled < seen[i-1].Filled {
			t.Errorf("the level falls during the outage: %v", s)
		}
	}
	if announced < 0 || lost-seen[announced].at < 10*time.Second {
		t.Fatalf("the loss after %v was not announced 10 s before", lost)
	}
	if raised < 0 || seen[raised].Filled > 0.8 {
		t.Errorf("the level of pressure was not raised before the queue was 80 %% full")
	}
	fall(t, seen[announced:len(seen)-1])
}

// fall checks that the announced seconds fall from each quarter of the time to the next, and end at
// the loss. The accuracy of the forecast before that is not the page's concern.
func fall(t *testing.T, announced []sight) {
	t.Helper()
	const parts = 4
	before := math.Inf(1)
	for i := range parts {
		part := announced[i*len(announced)/parts : (i+1)*len(announced)/parts]
		var seconds []float64
		for _, s := range part {
			seconds = append(seconds, s.Seconds)
		}
		slices.Sort(seconds)
		median := seconds[len(seconds)/2]
		if median >= before {
			t.Errorf("the seconds do not fall: %.1f s in the middle of part %d, %.1f s before",
				median, i+1, before)
		}
		before = median
	}
	if last := announced[len(announced)-1].Seconds; last < 0 || last > 3 {
		t.Errorf("the last announcement before the loss is %.1f s", last)
	}
}

func TestThePageFitsAPhone(t *testing.T) {
	ctx, complaints := browse(t)
	url, _ := serve(t)
	complaints.base = url
	for _, dark := range []bool{false, true} {
		t.Run("dark "+strconv.FormatBool(dark), func(t *testing.T) {
			open(t, ctx, url, 360, 740, dark)
			wide := get(t, ctx,
				chromedp.Evaluate[[]string](elements(`e.getBoundingClientRect().right > 360.5`)))
			small := get(t, ctx,
				chromedp.Evaluate[[]string](
					elements(
						`e.matches("p, td, th, small, figcaption") && parseFloat(getComputedStyle(e).fontSize) < 12`)))
			ink := get(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).color`))
			paper := get(t, ctx,
				chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
			if len(wide) > 0 {
				t.Errorf("wider than the screen: %q", wide)
			}
			if len(small) > 0 {
				t.Errorf("smaller than 12 px: %q", small)
			}
			if ratio := contrast(t, ink, paper); ratio < 7 {
				t.Errorf("the contrast of %s on %s is %.1f", ink, paper, ratio)
			}
			if isDark := luminance(t, paper) < 0.2; isDark != dark {
				t.Errorf("the paper is %s", paper)
			}
		})
	}
	complaints.report(t)
}

// elements is a script that lists the elements e for which a condition is true.
func elements(condition string) string {
	return `[...document.querySelectorAll("body *")].filter(e => ` + condition +
		`).map(e => e.outerHTML.slice(0, 80))`
}

func TestThePageSaysThatItIsOldWhenTheProcessIsGone(t *testing.T) {
	ctx, _ := browse(t)
	url, p := serve(t)
	open(t, ctx, url, 360, 740, false)
	p.server.Close()
	do(t, ctx, chromedp.WaitVisible(chromedp.CSS("#stale")))
	if text := get(t, ctx, chromedp.Text(chromedp.CSS("#stale"))); !strings.Contains(text,
		"has not answered for") {
		t.Errorf("the page says %q", text)
	}
}
