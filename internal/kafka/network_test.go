package kafka

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// pipeNetwork returns a network whose connections lead to a peer played by the test.
func pipeNetwork(t *testing.T) (*network, chan net.Conn) {
	t.Helper()
	peers := make(chan net.Conn, 10)
	cfg := Config{Dialer: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		peers <- far
		t.Cleanup(func() { far.Close() })
		return near, nil
	}}.withDefaults()
	return newNetwork(&cfg, newTiming(cfg.DeliveryTimeout), nil, new(counters)), peers
}

func TestOnlyConnectionsThatWaitLongAreCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, peers := pipeNetwork(t)
		open := func(address string) net.Conn {
			c, err := n.DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		waits, idle := open("a:1"), open("b:1")
		<-peers
		far := <-peers
		ended := make(chan error, 1)
		go func() {
			_, err := waits.Read(make([]byte, 1))
			ended <- err
		}()
		time.Sleep(900 * time.Millisecond)
		n.cut(time.Second, nil)
		synctest.Wait()
		if len(ended) > 0 {
			t.Fatal("a connection was cut that has not waited for long")
		}
		time.Sleep(200 * time.Millisecond)
		n.cut(time.Second, nil)
		if err := <-ended; err == nil || !kgo.IsRetryableBrokerErr(err) {
			t.Errorf("the cut connection ended with %v, which franz-go would not retry", err)
		}
		go far.Write([]byte("x")) //nolint:errcheck // whether it is read is what counts
		if _, err := idle.Read(make([]byte, 1)); err != nil {
			t.Errorf("a connection that does not wait was cut: %v", err)
		}
		if st := n.stats; st.connects.Load() != 2 || st.disconnects.Load() != 1 {
			t.Errorf("%d connections were opened and %d closed, want 2 and 1", st.connects.Load(),
				st.disconnects.Load())
		}
	})
}

// A peer that does not respond gets less time with its next connection and is then not dialled for
// a moment; one that responds again gets the full time.
func TestSilentPeersGetLessTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, peers := pipeNetwork(t)
		barred := false
		attempt := func(wait time.Duration) (cut bool) {
			c, err := n.DialContext(t.Context(), "tcp", "a:1")
			for tries := 1; errors.Is(err, errBarred) && tries < 10; tries++ {
				if !kgo.IsRetryableBrokerErr(err) {
					t.Errorf("franz-go would not retry %v", err)
				}
				barred = true
				time.Sleep(50 * time.Millisecond)
				c, err = n.DialContext(t.Context(), "tcp", "a:1")
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			far := <-peers
			ended := make(chan error, 1)
			go func() {
				_, err := c.Read(make([]byte, 1))
				ended <- err
			}()
			time.Sleep(wait)
			n.cut(time.Second, nil)
			synctest.Wait()
			go far.Write([]byte("x")) //nolint:errcheck // it may be too late
			return <-ended != nil
		}
		for _, tt := range []struct {
			wait time.Duration
			cut  bool
		}{
			{300 * time.Millisecond, false},
			{1100 * time.Millisecond, true},
			{300 * time.Millisecond, true},  // nothing was heard since
			{100 * time.Millisecond, false}, // now it was
			{300 * time.Millisecond, false},
		} {
			if got := attempt(tt.wait); got != tt.cut {
				t.Errorf("after %v the connection was cut: %v, want %v", tt.wait, got, tt.cut)
			}
		}
		if !barred {
			t.Error("a peer that stayed silent after it was cut off was dialled at once")
		}
	})
}

func TestHangingDialIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}.withDefaults()
		n := newNetwork(&cfg, newTiming(cfg.DeliveryTimeout), nil, new(counters))
		go func() {
			time.Sleep(2 * time.Second)
			n.cut(time.Second, nil)
		}()
		start := time.Now()
		_, err := n.DialContext(t.Context(), "tcp", "a:1")
		if took := time.Since(start); took != 2*time.Second || !kgo.IsRetryableBrokerErr(err) {
			t.Errorf("after %v the dial ended with %v, which franz-go should retry", took, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := n.DialContext(ctx, "tcp", "a:1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a dial whose caller gave up ended with %v", err)
		}
	})
}

func TestErrorsAsFranzGoSeesThem(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	if got := dialFailure(t.Context(), refused); got != error(refused) {
		t.Errorf("a refused connection is %v, want it as it was: franz-go looks for another "+
			"broker then", got)
	}
	own := errors.New("the dialer's own trouble")
	for _, err := range []error{dialFailure(t.Context(), own), asRetryable(own),
		asRetryable(io.EOF), asRetryable(io.ErrClosedPipe)} {
		if !kgo.IsRetryableBrokerErr(err) {
			t.Errorf("franz-go would fail all that it holds for %v", err)
		}
	}
	if asRetryable(io.EOF) != io.EOF || asRetryable(nil) != nil {
		t.Error("an error that needs no mark got one")
	}
	if !errors.Is(asRetryable(own), own) {
		t.Error("the cause is lost")
	}
}
