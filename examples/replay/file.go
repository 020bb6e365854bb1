package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// readFile reads the recorded runs of a file, one after another, so that the file's JSON is never in memory as a whole. What is compressed
// is known by its first bytes, whatever the file's name is. An error names the file, the run by its index, and the field.
func readFile(path string) ([]recording, error) {
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
	if head, _ := buffered.Peek(2); string(head) != "\x1f\x8b" {
		return decodeList(buffered)
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	return decodeList(unzipped)
}

// decodeList decodes a list of runs.
func decodeList(r io.Reader) ([]recording, error) {
	dec := json.NewDecoder(r)
	if err := openList(dec); err != nil {
		return nil, err
	}
	var recordings []recording
	for dec.More() {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, unreadable(dec, len(recordings), err)
		}
		run := value{index: len(recordings), raw: raw}
		rec, err := parseRun(&run)
		if err != nil {
			return nil, err
		}
		recordings = append(recordings, *rec)
	}
	if _, err := dec.Token(); err != nil { // the end of the list
		return nil, unreadable(dec, len(recordings), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the list of runs, at byte %d", dec.InputOffset())
	}
	if len(recordings) == 0 {
		return nil, errors.New("the list of runs is empty")
	}
	return recordings, nil
}

func openList(dec *json.Decoder) error {
	token, err := dec.Token()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty, want a list of runs")
	case err != nil:
		return fmt.Errorf("not a list of runs: %w", err)
	case token == json.Delim('{'):
		return errors.New("found an object, want a list of runs")
	case token != json.Delim('['):
		return fmt.Errorf("found %v, want a list of runs", token)
	}
	return nil
}

// unreadable says which run is not JSON.
func unreadable(dec *json.Decoder, index int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("[%d]: the file ends before the list does: %w", index, io.ErrUnexpectedEOF)
	}
	offset := dec.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	return fmt.Errorf("[%d], at byte %d: %w", index, offset, err)
}
