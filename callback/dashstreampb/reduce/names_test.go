package reduce

import (
	"encoding"
	"fmt"
	"testing"
)

func TestNamesOfAnyValue(t *testing.T) {
	for want, v := range map[string]interface {
		fmt.Stringer
		encoding.TextMarshaler
	}{
		"running": Running, "ended": Ended, "failed": Failed, "interrupted": Interrupted,
		"status(4)": Interrupted + 1, "status(255)": Status(255),
		"unknown": Unknown, "current": Current, "suspect": Suspect, "lost": Lost,
		"unexplained": Unexplained, "partly": Partly, "explained": Explained,
		"verdict(3)": Explained + 1,
		"trust(4)":   Lost + 1, "trust(255)": Trust(255),
	} {
		if text, err := v.MarshalText(); v.String() != want || string(text) != want || err != nil {
			t.Errorf("%q, as text %q, %v; want %q", v, text, err, want)
		}
	}
}
