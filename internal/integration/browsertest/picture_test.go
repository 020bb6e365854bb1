package browsertest

import (
	"bytes"
	"cmp"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// picture writes a screenshot if they are asked for.
func picture(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	dir := os.Getenv("DASHSTREAM_SCREENSHOTS")
	if dir == "" {
		return
	}
	shot, err := png.Decode(bytes.NewReader(get(t, ctx, chromedp.CaptureScreenshot())))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, withFewColors(shot)); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 100_000 {
		t.Errorf("the screenshot has %d bytes", b.Len())
	}
	if err := os.WriteFile(filepath.Join(dir, file), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// withFewColors leaves a picture those colors that most of it has, which halves its size.
func withFewColors(from image.Image) image.Image {
	const most = 128
	count := map[color.Color]int{}
	at := from.Bounds()
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			count[from.At(x, y)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int {
		return cmp.Compare(count[b], count[a])
	})
	to := image.NewPaletted(at, colors[:min(most, len(colors))])
	draw.Draw(to, at, from, at.Min, draw.Src)
	return to
}
