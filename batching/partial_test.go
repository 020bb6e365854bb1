package batching

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// If a Sender reports which events of a batch were lost, the others count as delivered.
func TestSendErrorForSomeOfTheEvents(t *testing.T) {
	for _, tt := range []struct {
		name                            string
		err                             SendError
		delivered, dropped, unconfirmed uint64
	}{
		{"one dropped", SendError{Outcome: Dropped, Reason: Rejected, Events: 1, First: 3, Last: 3},
			4, 1, 0},
		{"two in doubt", SendError{Outcome: Unacknowledged, Events: 2, First: 1, Last: 5}, 3, 0, 2},
		{"all dropped", SendError{Outcome: Dropped, Reason: Rejected}, 0, 5, 0},
		{"all, by number", SendError{Outcome: Dropped, Reason: Rejected, Events: 5, First: 1,
			Last: 5}, 0, 5, 0},
		{"more than there are", SendError{Outcome: Dropped, Reason: Rejected, Events: 50, First: 1,
			Last: 50}, 0, 5, 0},
		{"fewer than none", SendError{Outcome: Dropped, Reason: Rejected, Events: -1}, 0, 5, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, nil)
				l := e.NewLane("a", nil, 0, 0)
				for range 5 {
					event(1).emit(l)
				}
				time.Sleep(time.Second)
				tt.err.Err = errors.New("the broker's words")
				s.end(&tt.err)
				total := e.Stats().Total
				if total.Delivered != tt.delivered || total.Dropped[Rejected] != tt.dropped ||
					total.Unacknowledged != tt.unconfirmed {
					t.Errorf("%d delivered, %d dropped, %d unacknowledged, want %d, %d and %d",
						total.Delivered, total.Dropped[Rejected],
						total.Unacknowledged, tt.delivered, tt.dropped, tt.unconfirmed)
				}
				if total.InFlight != 0 || total.Accepted != 5 {
					t.Errorf("the account is %+v", total)
				}
			})
		})
	}
}

// The log has the reason and the destination's own words when losses begin, and the counts by
// reason when they have ended.
func TestLossLogHasReasonsAndWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logbook)
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Logger = slog.New(log) })
		l := e.NewLane("a", nil, 0, 0)
		lose := func(err error) {
			event(1).emit(l)
			time.Sleep(time.Second)
			s.end(err)
		}
		began := time.Now()
		lose(&SendError{Outcome: Dropped, Reason: Rejected,
			Err: errors.New("MESSAGE_TOO_LARGE: too large")})
		log.check(t, 1)
		if log.last("reason") != "rejected" || log.last("error") != "MESSAGE_TOO_LARGE: too large" {
			t.Errorf("the log says reason %v, error %v", log.last("reason"), log.last("error"))
		}
		if at, ok := log.last("error_at").(time.Time); !ok || !at.Equal(began.Add(time.Second)) {
			t.Errorf("the log says that it was at %v", log.last("error_at"))
		}
		lose(&SendError{Outcome: Dropped, Reason: Timeout, Err: errors.New("NOT_ENOUGH_REPLICAS")})
		lose(errors.New("connection reset"))
		time.Sleep(3 * lossesQuiet)
		log.check(t, 2)
		if log.last("lost_rejected") != uint64(1) || log.last("lost_timeout") != uint64(1) ||
			log.last("lost_unacknowledged") != uint64(1) ||
			log.last("error") != "connection reset" {
			t.Errorf("the log says %v", log.attrs[1])
		}

		// The next losses are counted from zero.
		lose(&SendError{Outcome: Dropped, Reason: Shutdown, Err: wordless{}})
		log.check(t, 3)
		if text, _ := log.last("error").(string); !strings.Contains(text, "PANIC") {
			t.Errorf("an error that panics is logged as %v", log.last("error"))
		}
		time.Sleep(3 * lossesQuiet)
		log.check(t, 4)
		if log.last("lost_shutdown") != uint64(1) || log.last("dropped_rejected") != uint64(1) {
			t.Errorf("the log says %v", log.attrs[3])
		}
		if _, there := log.attrs[3]["lost_rejected"]; there {
			t.Errorf("the log counts former losses again: %v", log.attrs[3])
		}
	})
}

type wordless struct{}

func (wordless) Error() string { panic("asked") }
