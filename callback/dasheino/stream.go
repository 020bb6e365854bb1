package dasheino

import (
	"context"
	"fmt"
	"io"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/schema"
)

// drain reads the span's copy of a stream to its end, and ends the span then.
func (s *span) drain(ctx context.Context, stream *schema.StreamReader[callbacks.CallbackOutput]) {
	defer stream.Close()
	stop := context.AfterFunc(ctx, func() {
		s.tree.mu.Lock()
		defer s.tree.mu.Unlock()
		if s.state == draining {
			s.watch(context.Cause(ctx))
		}
	})
	err := s.read(stream)
	stop()
	if err == nil {
		s.finish(outcome{})
		return
	}
	s.finish(outcomeOf(err))
}

// read hands the parts of a stream to the span's work. The program's own code runs in Recv, since streams are converted as they are
// read: its panic is an error here.
func (s *span) read(stream *schema.StreamReader[callbacks.CallbackOutput]) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("dasheino: panic in a stream: %v", r)
		}
	}()
	for {
		chunk, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if _, merged := schema.GetSourceName(err); merged {
			continue // the end of one of several streams
		}
		if err != nil {
			return err
		}
		s.tree.parts.Add(1)
		s.work.part(chunk)
	}
}
