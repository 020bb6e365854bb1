package programs

import (
	"context"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
)

// codecs are the rows of the table in examples/readers/README.md for the programs there: which
// producer codecs each of them reads. They reject the others by name.
var codecs = map[string]map[string]bool{
	"Python":     {"zstd": true, "lz4": true, "snappy": true, "none": true},
	"JavaScript": {"zstd": true, "lz4": false, "snappy": false, "none": true},
}

func TestReadersReadTheCodecsThatTheirTableSays(t *testing.T) {
	brokers := cluster(t)
	topics := map[string]string{}
	for codec := range codecs["Python"] {
		topics[codec] = newTopic(t, brokers, 1)
		client, err := callback.New(callback.Config{
			Brokers: strings.Split(brokers, ","), Topic: topics[codec],
			Compression: callback.Compression(codec), SelfMetrics: "off",
			Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		conversation(client)
		repetitive(client)
		if report, err := client.Shutdown(t.Context()); err != nil || !report.Complete() {
			t.Fatalf("%+v, %v", report, err)
		}
	}
	for language, reads := range codecs {
		command := readersByLanguage[language](t)
		for codec, want := range reads {
			t.Run(language+"/"+codec, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()
				args := append(command[:len(command):len(command)], "--brokers", brokers, "--topic",
					topics[codec])
				out, err := exec.CommandContext(ctx, args[0], args[1:]...).Output()
				said := stderrOf(err)
				read := err == nil && strings.Contains(string(out), "conversation-7")
				refused := err != nil && ctx.Err() == nil && strings.Contains(strings.ToLower(said),
					codec)
				if read != want || refused == want {
					t.Errorf("error %v: %q, says %q; want that it reads it: %v", err, out, said,
						want)
				}
			})
		}
	}
}

// repetitive writes data that every codec makes smaller; batches that would grow are sent
// uncompressed.
func repetitive(client *callback.Client) {
	run := client.StartRun(callback.RunInfo{ThreadID: "repetitive"})
	for range 50 {
		run.StartNode("again").End(nil, slog.String("text", strings.Repeat("again and ", 100)))
	}
	run.End(nil)
}
