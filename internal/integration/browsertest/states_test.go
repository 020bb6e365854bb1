package browsertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// screens are a phone and a desk, in both color schemes.
var screens = []struct {
	name          string
	width, height int64
	dark          bool
}{
	{"phone", 360, 1500, false}, {"phone-dark", 360, 1500, true},
	{"desk", 960, 900, false}, {"desk-dark", 960, 900, true},
}

// The states that somebody opens the page for. Each is looked at on each screen: axe finds nothing,
// nothing is wider than the screen, and title, icon, badge and text say the same. With
// DASHSTREAM_SCREENSHOTS they are written into that directory.
func TestEachStateIsClear(t *testing.T) {
	if testing.Short() {
		t.Skip("filling the queue takes half a minute")
	}
	ctx, complaints := browse(t)
	url, producer := serve(t)
	complaints.base = url
	axe := readAxe(t)
	open(t, ctx, url, 960, 900, false)
	waitFor(t, ctx, "ok")
	time.Sleep(5 * time.Second) // so that the plots show something
	inspect(t, ctx, url, axe, "healthy", "ok")
	producer.broker.standStill()
	open(t, ctx, url, 960, 900, false)
	waitFor(t, ctx, "not responding")
	time.Sleep(8 * time.Second)
	inspect(t, ctx, url, axe, "not-responding", "not responding")
	waitFor(t, ctx, "dropping")
	time.Sleep(8 * time.Second)
	inspect(t, ctx, url, axe, "losing", "dropping")
	complaints.report(t)
}

func waitFor(t *testing.T, ctx context.Context, badge string) {
	t.Helper()
	get(t, ctx, chromedp.Poll[bool](`document.querySelector(".level")?.textContent === "`+badge+`"`,
		chromedp.WithPollingTimeout(time.Minute)))
}

// titles are what the title begins with in a state, icons whether the icon is another one.
var titles = map[string]string{
	"ok": "ok – ", "not responding": "not responding, loss in ", "dropping": "losing events – ",
}

func inspect(t *testing.T, ctx context.Context, url, axe, name, badge string) {
	t.Helper()
	for _, s := range screens {
		open(t, ctx, url, s.width, s.height, s.dark)
		waitFor(t, ctx, badge)
		title := get(t, ctx, chromedp.Evaluate[string]("document.title"))
		if !strings.HasPrefix(title, titles[badge]) {
			t.Errorf("%s, %s: the title is %q", name, s.name, title)
		}
		wide := get(t, ctx, chromedp.Evaluate[[]string](elements(
			fmt.Sprintf("e.getBoundingClientRect().right > %d.5", s.width))))
		if len(wide) > 0 {
			t.Errorf("%s, %s: wider than the screen: %q", name, s.name, wide)
		}
		violations := get(t, ctx, chromedp.Evaluate[[]string](axe+`;
			axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 120))))`,
			chromedp.EvalAwaitPromise))
		for _, v := range violations {
			t.Errorf("%s, %s: %s", name, s.name, v)
		}
		picture(t, ctx, name+"-"+s.name+".png")
	}
}

// readAxe returns axe's script.
func readAxe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("there is no axe to hold the page against: npm ci")
	}
	return string(script)
}
