package browsertest

import (
	"fmt"
	"math"
	"testing"
)

// luminance is WCAG's relative luminance of a computed CSS color.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	var rgb [3]float64
	if n, err := fmt.Sscanf(color, "rgb(%g, %g, %g)", &rgb[0], &rgb[1], &rgb[2]); n != 3 {
		t.Fatalf("%s is no color: %v", color, err)
	}
	for i, v := range rgb {
		if v /= 255; v <= 0.04045 {
			rgb[i] = v / 12.92
		} else {
			rgb[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
}

// contrast is WCAG's contrast of two colors: 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a)+0.05, luminance(t, b)+0.05
	return max(x, y) / min(x, y)
}
