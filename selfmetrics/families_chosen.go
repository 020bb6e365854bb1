package selfmetrics

import "github.com/dashstream/dashstream-go/batching"

// chosen is what was left out on purpose, and what readers are told of losses.
var chosen = []family{
	counter("dashstream_loss_statements_sent_total", "statements",
		"Statements of what was lost that were acknowledged: readers of the topic can explain "+
			"those gaps.",
		func(s *snapshot) uint64 { return s.Loss.Sent }),
	counter("dashstream_loss_statements_failed_total", "statements",
		"Attempts to send a statement of losses that were not acknowledged. It is sent again.",
		func(s *snapshot) uint64 { return s.Loss.Failed }),
	counter("dashstream_losses_stated_total", "events",
		"Lost events that acknowledged statements tell of. The difference to all losses waits, or "+
			"is unstated.",
		func(s *snapshot) uint64 { return s.Loss.Stated }),
	counter("dashstream_losses_unstated_total", "events",
		"Lost events that no statement will tell of, because too many were lost at once. Readers "+
			"see unexplained gaps.",
		func(s *snapshot) uint64 { return s.Loss.Unstated }),
	{Definition{
		Name: "dashstream_shed_total", Type: Counter, Unit: "events", Labels: []string{"class"},
		Help: "Events that were given up under pressure (dropped as shed), by class, so that " +
			"those that matter more get through.",
	}, func(s *snapshot, out sink) {
		for c, n := range s.Shed {
			out.value(float64(n), batching.Class(c).String())
		}
	}},
	counter("dashstream_runs_not_sampled_total", "runs",
		"Runs of threads that are not sampled. Of those, only what follows an error is sent.",
		func(s *snapshot) uint64 { return s.Input.NotSampled }),
	counter("dashstream_runs_kept_for_errors_total", "runs",
		"Those of the runs that are not sampled that were sent from their first error on.",
		func(s *snapshot) uint64 { return s.Input.KeptForErrors }),
	gauge("dashstream_config_sample_rate", "ratio",
		"The share of the threads whose runs are sent. Divide counts of runs by it.",
		func(s *snapshot) float64 { return s.info.SampleRate }),
}
