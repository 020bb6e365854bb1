package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dashstream/dashstream-go/internal/traces"
)

// readFile reads the recorded runs of a file, one after another, so that the file's JSON is never
// in memory as a whole; "-" is the standard input. What is compressed is known by its first bytes,
// whatever the file's name is. An error names the file, the run by its index, and the field.
func readFile(path string) ([]recording, error) {
	switch path {
	case "":
		return nil, errors.New(`the name of a file is empty; "-" is the standard input`)
	case "-":
		recordings, err := readRecordings(os.Stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return recordings, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	recordings, err := readRecordings(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return recordings, nil
}

func readRecordings(r io.Reader) ([]recording, error) {
	buffered := bufio.NewReader(r)
	if head, _ := buffered.Peek(2); string(head) == "\x1f\x8b" {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}
		buffered = bufio.NewReader(unzipped)
	}
	first, err := firstByte(buffered)
	if err != nil {
		return nil, err
	}
	g := gathering{dec: json.NewDecoder(buffered), inList: first == '['}
	if err := g.gather(); err != nil {
		return nil, err
	}
	return g.recordings, nil
}

const wanted = "a list of runs or of messages, or objects with messages, one after another"

// firstByte looks for what the file begins with. A byte order mark, which some editors write, is
// passed over.
func firstByte(r *bufio.Reader) (byte, error) {
	if mark, _ := r.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = r.Discard(len(mark)) // it was peeked at
	}
	if mark, _ := r.Peek(2); string(mark) == "\xff\xfe" || string(mark) == "\xfe\xff" {
		return 0, fmt.Errorf("the file is UTF-16, want UTF-8 (iconv -f UTF-16 -t UTF-8), and %s",
			wanted)
	}
	for {
		b, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return 0, fmt.Errorf("the file is empty, want %s", wanted)
		case err != nil:
			return 0, err
		case b == ' ' || b == '\t' || b == '\r' || b == '\n':
			continue
		case b != '[' && b != '{':
			return 0, fmt.Errorf("the file begins with %q, want %s", b, wanted)
		}
		return b, r.UnreadByte()
	}
}

// gathering gathers the runs of a file: those of a list, or of objects that stand one after
// another. Where these are messages and no runs, all of them are one run.
type gathering struct {
	dec        *json.Decoder
	inList     bool
	recordings []recording
	messages   []json.RawMessage
	spans      []traces.Span
	n          int // elements so far
}

func (g *gathering) gather() error {
	if g.inList {
		if _, err := g.dec.Token(); err != nil {
			return unreadable(g.dec, 0, err)
		}
	}
	var before json.RawMessage
	for ; g.dec.More(); g.n++ {
		var raw json.RawMessage
		if err := g.dec.Decode(&raw); err != nil {
			return unreadable(g.dec, g.n, err)
		}
		if g.n == 0 && !g.inList { // it may be all that there is
			before = raw
			continue
		}
		if before != nil {
			if err := g.add(&value{index: 0, raw: before}); err != nil {
				return err
			}
			before = nil
		}
		if err := g.add(&value{index: g.n, raw: raw}); err != nil {
			return err
		}
	}
	if before != nil {
		if err := g.add(&value{whole: true, raw: before}); err != nil {
			return err
		}
	}
	return g.end()
}

// end reads the end of the file, and makes a run of messages that are none.
func (g *gathering) end() error {
	if g.inList {
		if _, err := g.dec.Token(); err != nil {
			return unreadable(g.dec, g.n, err)
		}
	}
	if _, err := g.dec.Token(); !errors.Is(err, io.EOF) {
		_, otherwise := errors.AsType[*json.SyntaxError](err)
		// the rest cannot be read, as that of a gzip file that was cut off
		if !g.inList || err != nil && !otherwise {
			return unreadable(g.dec, g.n, err)
		}
		return fmt.Errorf("something follows the list, at byte %d", g.dec.InputOffset())
	}
	if g.spans != nil {
		var err error
		g.recordings, err = ofSpans(g.spans)
		return err
	}
	if g.messages != nil {
		raw, err := json.Marshal(g.messages)
		if err != nil {
			return err
		}
		return g.run(&value{whole: true, raw: raw})
	}
	if g.n == 0 {
		return errors.New("the list is empty: there is no run in it")
	}
	return nil
}

// add takes an element: a run, or a message.
func (g *gathering) add(v *value) error {
	if spans, is, err := spansOf(v); err != nil {
		return err
	} else if is {
		return g.addSpans(v, spans)
	}
	if g.spans != nil {
		return fmt.Errorf("%s: found %s among spans", v.path(), v.form())
	}
	if !isMessage(v) {
		if g.messages != nil {
			return fmt.Errorf("%s: found %s among messages", v.path(), v.form())
		}
		return g.run(v)
	}
	if g.recordings != nil {
		return fmt.Errorf("%s: found a message among runs", v.path())
	}
	g.messages = append(g.messages, v.raw)
	return nil
}

func (g *gathering) addSpans(v *value, spans []traces.Span) error {
	switch {
	case g.messages != nil:
		return fmt.Errorf("%s: found spans among messages", v.path())
	case g.recordings != nil:
		return fmt.Errorf("%s: found spans among runs", v.path())
	case len(g.spans)+len(spans) > maxSpans:
		return fmt.Errorf("%s: more than %d spans in a file", v.path(), maxSpans)
	}
	g.spans = append(g.spans, spans...)
	if g.spans == nil {
		g.spans = []traces.Span{}
	}
	return nil
}

func (g *gathering) run(v *value) error {
	rec, err := parseRun(v)
	if err == nil {
		g.recordings = append(g.recordings, *rec)
	}
	return err
}

// isMessage says whether an object is a message, and not a run.
func isMessage(v *value) bool {
	o, err := v.object("")
	if err != nil {
		return false
	}
	for _, key := range lists {
		if len(o.fields[key]) > 0 {
			return false
		}
	}
	return len(o.fields["role"])+len(o.fields["content"])+len(o.fields["lc"])+
		len(o.fields["type"]) > 0
}

// unreadable says which run is not JSON.
func unreadable(dec *json.Decoder, index int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("[%d]: the file ends before its contents do: %w", index,
			io.ErrUnexpectedEOF)
	}
	offset := dec.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	return fmt.Errorf("[%d], at byte %d: %w", index, offset, err)
}
