package main

import (
	"io"

	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/jsonlines"
)

// jsonLines writes one JSON object a line. --help says what is in it.
type jsonLines struct{}

func place(r *kgo.Record) jsonlines.Place {
	return jsonlines.Place{Partition: r.Partition, Offset: r.Offset, Key: r.Key}
}

func (jsonLines) item(w io.Writer, i *item) {
	jsonlines.Item(w, place(i.record), i.owner, i.event, i.message)
}

func (jsonLines) jump(w io.Writer, i *item, j jsonlines.Jump) {
	jsonlines.Missing(w, place(i.record), i.thread(), i.header.GetSequence(), j)
}

func (jsonLines) explained(w io.Writer, i *item, loss pb.Loss) {
	jsonlines.Explained(w, place(i.record), loss)
}

func (jsonLines) state(w io.Writer, i *item, th *reduce.Thread) {
	jsonlines.State(w, place(i.record), th)
}

func (jsonLines) broken(w io.Writer, r *kgo.Record, reason *pb.DecodeError) {
	jsonlines.Broken(w, place(r), len(r.Value), reason)
}
