package guard

import (
	"context"
	"errors"
	"time"
)

// errContext is the cause of contexts whose own code panicked.
var errContext = errors.New("the context's own code panicked")

// Context returns a context that ends when ctx does, with the same cause, and that carries no
// values. Waiting for it runs none of the code of ctx. With a nil ctx, it never ends. The returned
// function releases its resources.
func Context(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx == nil {
		return context.WithCancel(context.Background())
	}
	safe, cancel := context.WithCancelCause(context.Background())
	var done <-chan struct{}
	var deadline time.Time
	var bounded bool
	if Call(func() { done = ctx.Done(); deadline, bounded = ctx.Deadline() }) != "" {
		cancel(errContext)
		return safe, func() {}
	}
	if done != nil {
		select {
		case <-done:
			cancel(causeOf(ctx))
		default:
			go func() {
				select {
				case <-done:
					cancel(causeOf(ctx))
				case <-safe.Done():
				}
			}()
		}
	}
	if !bounded {
		return safe, func() { cancel(context.Canceled) }
	}
	timed, stop := context.WithDeadline(safe, deadline)
	return timed, func() { stop(); cancel(context.Canceled) }
}

// causeOf returns why ctx has ended.
func causeOf(ctx context.Context) (err error) {
	defer Recover(func(string) { err = errContext })
	if err = context.Cause(ctx); err == nil {
		err = ctx.Err()
	}
	return err
}
