package selfmetrics

import "fmt"

// Mode says when a [Reporter] sends reports. It implements [encoding.TextUnmarshaler].
type Mode uint8

// The modes.
const (
	// Auto sends a report every interval while nobody scrapes, and every 60 seconds while somebody
	// does. It is the default.
	Auto Mode = iota
	// Always sends a report every interval.
	Always
	// Off sends none.
	Off
)

var modeNames = [...]string{"auto", "always", "off"}

// String returns "auto", "always" or "off".
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// UnmarshalText sets m from "auto", "always" or "off". Any other text is an error that names it,
// and leaves m as it was.
func (m *Mode) UnmarshalText(text []byte) error {
	for i, name := range modeNames {
		if string(text) == name {
			*m = Mode(i)
			return nil
		}
	}
	return fmt.Errorf("selfmetrics: mode is %q, want auto, always or off", text)
}
