package dashadk1

import (
	"testing"

	"github.com/dashstream/dashstream-go/callback/internal/adk/adktest"
)

func TestREADMEShowsTheExample(t *testing.T) {
	adktest.CheckREADME(t, "dashadk1.New(client, dashadk1.WithTracerProvider()), // the line")
}
