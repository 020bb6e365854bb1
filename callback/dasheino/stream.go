package dasheino

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/schema"
)

// drain reads the span's copy of a stream to its end, and then ends the span. It does not keep a
// source running that nobody else reads. If the stream's consumer has closed it, or its context has
// ended, drain stops after the time of grace.
func (s *span) drain(ctx context.Context, stream *schema.StreamReader[callbacks.CallbackOutput]) {
	defer stream.Close()
	readers := readersOf(stream)
	defer readers.leave()
	stop := s.endsWith(ctx)
	s.endsAlone(readers)
	abandoned, err := s.read(ctx, stream, readers)
	stop()
	switch {
	case abandoned && ctx.Err() != nil:
		s.finish(outcome{err: context.Cause(ctx)})
	case err != nil:
		s.finish(outcomeOf(err))
	default:
		s.finish(outcome{abandoned: abandoned})
	}
}

// endsWith ends the span when nothing more comes after ctx has ended. It returns a function that
// cancels that.
func (s *span) endsWith(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		s.tree.mu.Lock()
		defer s.tree.mu.Unlock()
		if s.state == draining {
			s.watch(context.Cause(ctx))
		}
	})
}

// endsAlone ends the span when nobody else reads its stream any more and the stream yields nothing.
// The reader of the stream notices only with the next part that it is alone, and waits for that as
// long as the source takes.
func (s *span) endsAlone(readers *readers) {
	if readers == nil {
		return
	}
	s.tree.mu.Lock()
	defer s.tree.mu.Unlock()
	if s.state != draining {
		return
	}
	s.look = time.AfterFunc(grace, func() {
		s.tree.mu.Lock()
		defer s.tree.mu.Unlock()
		switch {
		case s.state != draining || s.timer != nil: // its end has come, or is awaited
		case readers.alone():
			s.watch(nil)
		default:
			s.look.Reset(grace)
		}
	})
}

// read passes the parts of a stream to the span's work. The program's own code runs in Recv,
// because streams are converted as they are read: a panic in it becomes an error here. abandoned
// reports that read did not reach the end.
func (s *span) read(
	ctx context.Context, stream *schema.StreamReader[callbacks.CallbackOutput], readers *readers,
) (abandoned bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("dasheino: panic in a stream: %v", r)
		}
	}()
	var alone time.Time // since when nobody else reads; zero while somebody does
	for {
		chunk, err := stream.Recv()
		if err == io.EOF {
			return false, nil
		}
		if _, merged := schema.GetSourceName(err); merged {
			continue // the end of one of several streams
		}
		if err != nil {
			return false, err
		}
		s.tree.parts.Add(1)
		s.work.part(chunk)
		if ctx.Err() == nil && !readers.alone() {
			continue
		}
		if now := time.Now(); alone.IsZero() {
			alone = now
		} else if now.Sub(alone) > grace {
			return true, nil
		}
	}
}
