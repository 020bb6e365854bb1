package main

import (
	"fmt"
	"io"

	"github.com/rs/zerolog"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
)

const nameZerolog = "zerolog"

// zeroLogger writes lines of JSON to nowhere: what encoding the same fields costs at the least when
// they go no further.
type zeroLogger struct{ tally }

func openZerolog(load.Setup) (load.Contender, error) { return new(zeroLogger), nil }

func (z *zeroLogger) Emitter(i int) load.Emitter {
	log := zerolog.New(io.Discard).With().Timestamp().Str("thread_id",
		fmt.Sprintf("conversation-%04d", i)).Str("node", load.Node).Logger()
	return &zeroRun{log: log, emitted: z.counter()}
}

type zeroRun struct {
	log     zerolog.Logger
	emitted *uint64
}

func (r *zeroRun) One(v *load.Values) {
	r.log.Warn().Str(load.Keys[0], v[0]).Msg(load.Message)
	*r.emitted++
}

func (r *zeroRun) Ten(v *load.Values) {
	r.log.Warn().
		Str(load.Keys[0], v[0]).Str(load.Keys[1], v[1]).Str(load.Keys[2], v[2]).Str(load.Keys[3],
		v[3]).Str(load.Keys[4], v[4]).
		Str(load.Keys[5], v[5]).Str(load.Keys[6], v[6]).Str(load.Keys[7], v[7]).Str(load.Keys[8],
		v[8]).Str(load.Keys[9], v[9]).
		Msg(load.Message)
	*r.emitted++
}

func (r *zeroRun) Text(text string) {
	r.log.Warn().Str("prompt", text).Msg(load.Message)
	*r.emitted++
}

func (r *zeroRun) Node(v *load.Values) {
	r.log.Info().
		Str(load.Keys[0], v[0]).Str(load.Keys[1], v[1]).Str(load.Keys[2], v[2]).Str(load.Keys[3],
		v[3]).Str(load.Keys[4], v[4]).
		Msg("start")
	r.log.Info().Msg("end")
	*r.emitted++
}
