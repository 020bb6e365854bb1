package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// Of several brokers asked at start, one responds first, and nobody waits for the others. An
// address counts as unreachable only if dialling it failed, and is logged once.
func TestStartLooksOnceAtAdvertisedAddresses(t *testing.T) {
	brokers := []string{"127.0.0.1:9092", "127.0.0.1:9093", "127.0.0.1:9094"}
	seeds := []string{"seed-1:9092", "seed-2:9093", "seed-3:9094"}
	for _, tt := range []struct {
		name    string
		seeds   []string
		refused bool // whatever is no seed
		took    time.Duration
		want    int
	}{
		{"all can be reached, and some are slow", brokers, false, 500 * time.Millisecond, 0},
		{"none can be reached", seeds, true, 0, 1},
		{"none answers", seeds, false, time.Minute, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := new(logbook)
			config := func(c *kafka.Config) {
				logged(log)(c)
				c.Brokers = tt.seeds
				direct := c.Dialer
				c.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
					_, port, _ := net.SplitHostPort(address)
					seed := slices.Contains(tt.seeds, address)
					switch {
					case !seed && tt.refused:
						return nil, undialled(address, errors.New("refused"))
					case !seed || port != "9092" && strings.HasPrefix(address, "127."):
						if err := after(ctx, tt.took); err != nil {
							return nil, undialled(address, err)
						}
					}
					return direct(ctx, network, "127.0.0.1:"+port)
				}
			}
			setup{brokers: 3, partitions: 30, config: config}.run(t, func(*bench) {
				time.Sleep(10 * time.Second)
				if n := len(log.lines("brokers advertise cannot be reached")); n != tt.want {
					t.Errorf("%d lines, want %d:\n%s", n, tt.want, log)
				}
			})
		})
	}
}

func undialled(address string, err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: %w", address, err)}
}

// after waits for d, or for the end of ctx.
func after(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
