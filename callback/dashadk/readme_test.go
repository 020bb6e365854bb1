package dashadk

import (
	"testing"

	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

func TestREADMEShowsTheExample(t *testing.T) {
	adktest.CheckREADME(t, "dashadk.New(client, dashadk.WithTracerProvider()), // the line")
}
