package traces

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/internal/spanmap"
)

// otlp is an ExportTraceServiceRequest, as far as it is read.
type otlp struct {
	ResourceSpans []struct {
		ScopeSpans   []otlpScope `json:"scopeSpans"`
		LibrarySpans []otlpScope `json:"instrumentationLibrarySpans"` // before 2022
	} `json:"resourceSpans"`
}

type otlpScope struct {
	Spans []otlpSpan `json:"spans"`
}

type otlpSpan struct {
	TraceID      string          `json:"traceId"`
	SpanID       string          `json:"spanId"`
	ParentSpanID string          `json:"parentSpanId"`
	Name         string          `json:"name"`
	Start        otlpNumber      `json:"startTimeUnixNano"`
	End          otlpNumber      `json:"endTimeUnixNano"`
	Attributes   []otlpAttribute `json:"attributes"`
	Events       []struct {
		Name       string          `json:"name"`
		Attributes []otlpAttribute `json:"attributes"`
	} `json:"events"`
	Status struct {
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
	} `json:"status"`
}

type otlpAttribute struct {
	Key   string    `json:"key"`
	Value otlpValue `json:"value"`
}

// otlpValue is an AnyValue: what is neither of these is read as its JSON.
type otlpValue struct{ value any }

// otlpNumber is a whole number of 64 bits, which JSON has as a string or as a number.
type otlpNumber int64

func (n *otlpNumber) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" {
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("found %.40s, want a whole number of 64 bits", raw)
	}
	*n = otlpNumber(v)
	return nil
}

func (v *otlpValue) UnmarshalJSON(raw []byte) error {
	var x struct {
		String *string     `json:"stringValue"`
		Int    *otlpNumber `json:"intValue"`
		Double *float64    `json:"doubleValue"`
		Bool   *bool       `json:"boolValue"`
		Array  *struct {
			Values []struct {
				String *string `json:"stringValue"`
			} `json:"values"`
		} `json:"arrayValue"`
	}
	if err := json.Unmarshal(raw, &x); err != nil {
		return err
	}
	switch {
	case x.String != nil:
		v.value = *x.String
	case x.Int != nil:
		v.value = int64(*x.Int)
	case x.Double != nil:
		v.value = *x.Double
	case x.Bool != nil:
		v.value = *x.Bool
	case x.Array != nil:
		list := []string{}
		for _, e := range x.Array.Values {
			if e.String != nil {
				list = append(list, *e.String)
			}
		}
		v.value = list
	}
	return nil
}

// OTLP reads an ExportTraceServiceRequest.
func OTLP(raw []byte) ([]Span, error) {
	var request otlp
	if err := json.Unmarshal(raw, &request); err != nil {
		return nil, err
	}
	var spans []Span
	for _, r := range request.ResourceSpans {
		for _, scope := range append(r.ScopeSpans, r.LibrarySpans...) {
			for i := range scope.Spans {
				s, err := scope.Spans[i].span()
				if err != nil {
					return nil, err
				}
				spans = append(spans, s)
			}
		}
	}
	return spans, nil
}

func (o *otlpSpan) span() (Span, error) {
	s := Span{Trace: o.TraceID, ID: o.SpanID, Parent: o.ParentSpanID}
	s.Name = o.Name
	if o.TraceID == "" || o.SpanID == "" || o.Start <= 0 {
		return s, fmt.Errorf("span %.40q has no traceId, no spanId or no startTimeUnixNano", o.Name)
	}
	s.Start = time.Unix(0, int64(o.Start))
	if o.End > 0 {
		s.End = time.Unix(0, int64(o.End))
	}
	for _, a := range o.Attributes {
		s.set(a.Key, a.Value.value)
	}
	switch strings.Trim(string(o.Status.Code), `"`) {
	case "1", "STATUS_CODE_OK":
		s.Status = spanmap.OK
	case "2", "STATUS_CODE_ERROR":
		s.Status, s.Message = spanmap.Failed, o.Status.Message
	}
	for _, e := range o.Events {
		if e.Name == "exception" {
			s.Exception = "exception"
			for _, a := range e.Attributes {
				if text, _ := a.Value.value.(string); a.Key == "exception.message" && text != "" {
					s.Exception = text
				}
			}
		}
	}
	return s, nil
}

// set adds an attribute.
func (s *Span) set(key string, value any) {
	s.Attributes = append(s.Attributes, Attribute{key, value})
	var v spanmap.Value
	switch x := value.(type) {
	case string:
		v.Text = x
	case int64:
		v.Number = x
	case float64:
		v.Number = int64(x)
	case bool:
		v.Text = strconv.FormatBool(x)
	case []string:
		if len(x) > 0 {
			v.Text = x[0]
		}
	default:
		return
	}
	s.Add(key, v)
}
