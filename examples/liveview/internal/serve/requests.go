package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

const (
	maxSubscriptions = 8
	maxName          = 32
	maxFilterText    = 256
	maxLimit         = 500
	defaultLimit     = 200
)

// request is a message of a client. Whatever is in it, nothing but what this client gets changes.
type request struct {
	Op       string       `json:"op"`
	Sub      string       `json:"sub"`
	Req      string       `json:"req"`
	Kind     string       `json:"kind"`
	Filter   *view.Filter `json:"filter"`
	Limit    int          `json:"limit"`
	Thread   string       `json:"thread"`
	Epoch    string       `json:"epoch"`
	After    *uint64      `json:"after"`
	Sequence json.Number  `json:"sequence"`
	Time     int64        `json:"time_us"`
}

// parseRequest reads and checks a message of a client.
func parseRequest(b []byte) (request, error) {
	var r request
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, errors.New("the message is not a request")
	}
	switch r.Op {
	case "subscribe":
		return r, r.checkSubscribe()
	case "unsubscribe":
		return r, checkName("sub", r.Sub)
	case "moment":
		if len(r.Thread) == 0 || len(r.Thread) > maxFilterText {
			return r, errors.New("thread has 1 to 256 bytes")
		}
		if _, err := r.moment(); err != nil {
			return r, err
		}
		return r, checkName("req", r.Req)
	}
	return r, errors.New("op is subscribe, unsubscribe or moment")
}

func checkName(what, s string) error {
	if len(s) == 0 || len(s) > maxName {
		return errors.New(what + " has 1 to 32 characters")
	}
	return nil
}

func (r *request) checkSubscribe() error {
	if err := checkName("sub", r.Sub); err != nil {
		return err
	}
	switch r.Kind {
	case "producers", "health":
	case "run":
		if len(r.Thread) == 0 || len(r.Thread) > maxFilterText {
			return errors.New("thread has 1 to 256 bytes")
		}
	case "runs":
		if r.Filter == nil {
			r.Filter = &view.Filter{}
		}
		for _, s := range []string{r.Filter.Graph, r.Filter.Outcome, r.Filter.Tenant,
			r.Filter.Text} {
			if len(s) > 4*maxFilterText {
				return errors.New("a text of the filter is too long")
			}
		}
		if r.Limit == 0 {
			r.Limit = defaultLimit
		}
		if r.Limit < 1 || r.Limit > maxLimit {
			return errors.New("limit is 1 to 500")
		}
	default:
		return errors.New("kind is runs, run, producers or health")
	}
	return nil
}

func (r *request) moment() (view.Moment, error) {
	m := view.Moment{Time: r.Time}
	if r.Sequence != "" {
		n, err := strconv.ParseUint(r.Sequence.String(), 10, 64)
		if err != nil {
			return m, errors.New("sequence is a whole number")
		}
		m.Sequence = n
	}
	if m.Time < 0 || m == (view.Moment{}) {
		return m, errors.New("a moment needs a sequence or a time_us above 0")
	}
	return m, nil
}

// want returns the subscription that a request asks for.
func (r *request) want(epoch string) view.Want {
	w := view.Want{Kind: r.Kind, Thread: r.Thread, Limit: r.Limit}
	if r.Filter != nil {
		w.Filter = *r.Filter
	}
	if r.After != nil && r.Epoch != "" {
		w.Resume, w.After = true, *r.After
		if r.Epoch != epoch { // of a view that was restarted since: nothing of it is known
			w.After = ^uint64(0)
		}
	}
	return w
}

// errorCode returns the code of an error as the page knows it.
func errorCode(err error) string {
	switch {
	case errors.Is(err, view.ErrUnknownThread):
		return "unknown_thread"
	case errors.Is(err, view.ErrLineOnly):
		return "line_only"
	case errors.Is(err, view.ErrTooMany):
		return "too_many"
	}
	return "bad_request"
}

type errorFrame struct {
	Type    string `json:"type"`
	Sub     string `json:"sub,omitempty"`
	Req     string `json:"req,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type subscribedFrame struct {
	Type    string `json:"type"`
	Sub     string `json:"sub"`
	Channel string `json:"channel"`
}

type momentFrame struct {
	Type string          `json:"type"`
	Req  string          `json:"req"`
	Data json.RawMessage `json:"data"`
}

type helloFrame struct {
	Type     string `json:"type"`
	Protocol int    `json:"protocol"`
	Epoch    string `json:"epoch"`
	Version  string `json:"version"`
	Now      int64  `json:"now_us"`
	Demo     bool   `json:"demo"`
}
