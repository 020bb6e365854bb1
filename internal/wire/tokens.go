package wire

import (
	"errors"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Tokens is a TokenChunk without its header.
type Tokens struct {
	RequestID, Text, Model    string
	IDs                       []uint32
	Logprobs                  []float32
	Index                     uint32
	Final                     bool
	Finish                    byte
	Prompt, Completion, Total uint32 // the chunk's TokenStats
}

// The fields of a TokenChunk.
const (
	tokensRequestID = iota + 2
	tokensText
	tokensIDs
	tokensLogprobs
	tokensIndex
	tokensFinal
	tokensFinish
	tokensModel
	tokensStats
)

func sizeIDs(ids []uint32) int {
	n := 0
	for _, id := range ids {
		n += VarintLen(uint64(id))
	}
	return n
}

func sizeStats(t *Tokens) int {
	return sizeUint(uint64(t.Prompt)) + sizeUint(uint64(t.Completion)) + sizeUint(uint64(t.Total))
}

// SizeTokens is the size of a TokenChunk's fields without the header.
func SizeTokens(t *Tokens) int {
	n := sizeString(t.RequestID) + sizeString(t.Text) + sizeUint(uint64(t.Index)) +
		sizeBool(t.Final) + sizeUint(uint64(t.Finish)) +
		sizeString(t.Model)
	if len(t.IDs) > 0 {
		n += sizeMessage(sizeIDs(t.IDs))
	}
	if len(t.Logprobs) > 0 {
		n += sizeMessage(4 * len(t.Logprobs))
	}
	if s := sizeStats(t); s > 0 {
		n += sizeMessage(s)
	}
	return n
}

// AppendTokens appends what [SizeTokens] measures.
func AppendTokens(b []byte, t *Tokens) []byte {
	b = appendString(b, tokensRequestID, t.RequestID)
	b = appendString(b, tokensText, t.Text)
	if len(t.IDs) > 0 {
		b = appendMessageHead(b, tokensIDs, sizeIDs(t.IDs))
		for _, id := range t.IDs {
			b = appendVarint(b, uint64(id))
		}
	}
	if len(t.Logprobs) > 0 {
		b = appendMessageHead(b, tokensLogprobs, 4*len(t.Logprobs))
		for _, p := range t.Logprobs {
			b = protowire.AppendFixed32(b, math.Float32bits(p))
		}
	}
	b = appendUint(b, tokensIndex, uint64(t.Index))
	b = appendBool(b, tokensFinal, t.Final)
	b = appendUint(b, tokensFinish, uint64(t.Finish))
	b = appendString(b, tokensModel, t.Model)
	if s := sizeStats(t); s > 0 {
		b = appendMessageHead(b, tokensStats, s)
		b = appendUint(b, 1, uint64(t.Prompt))
		b = appendUint(b, 2, uint64(t.Completion))
		b = appendUint(b, 3, uint64(t.Total))
	}
	return b
}

// TokenMerger merges TokenChunks of one request that waited together. Texts, ids and log
// probabilities are concatenated; the index is that of the first chunk; everything else is taken
// from the last chunk that has it. The zero value is ready to use. It keeps its memory between uses
// and serves one goroutine.
type TokenMerger struct {
	text, ids, logprobs []byte
	requestID, model    []byte
	stats               []byte
	index, finish       uint64
	final               bool
	chunks              int
}

var errBadChunk = errors.New("wire: a token chunk does not parse")

// Reset discards the chunks of the last request.
func (m *TokenMerger) Reset() {
	*m = TokenMerger{text: m.text[:0], ids: m.ids[:0], logprobs: m.logprobs[:0]}
}

// Add reads the fields of one chunk, without its header. The memory of b must not change until
// Append has been called.
func (m *TokenMerger) Add(b []byte) error {
	m.chunks++
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errBadChunk
		}
		b = b[n:]
		if kind == protowire.VarintType {
			v, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return errBadChunk
			}
			b = b[n:]
			m.addNumber(field, v)
			continue
		}
		p, n := protowire.ConsumeBytes(b)
		if kind != protowire.BytesType || n < 0 {
			return errBadChunk
		}
		b = b[n:]
		m.addBytes(field, p)
	}
	return nil
}

func (m *TokenMerger) addNumber(field protowire.Number, v uint64) {
	switch field {
	case tokensIndex:
		if m.chunks == 1 {
			m.index = v
		}
	case tokensFinal:
		m.final = v != 0
	case tokensFinish:
		m.finish = v
	}
}

func (m *TokenMerger) addBytes(field protowire.Number, p []byte) {
	switch field {
	case tokensRequestID:
		m.requestID = p
	case tokensText:
		m.text = append(m.text, p...)
	case tokensIDs:
		m.ids = append(m.ids, p...)
	case tokensLogprobs:
		m.logprobs = append(m.logprobs, p...)
	case tokensModel:
		m.model = p
	case tokensStats:
		m.stats = p
	}
}

// Append appends the fields of the joined chunk, without a header.
func (m *TokenMerger) Append(b []byte) []byte {
	b = appendRaw(b, tokensRequestID, m.requestID)
	b = appendRaw(b, tokensText, m.text)
	b = appendRaw(b, tokensIDs, m.ids)
	b = appendRaw(b, tokensLogprobs, m.logprobs)
	b = appendUint(b, tokensIndex, m.index)
	b = appendBool(b, tokensFinal, m.final)
	b = appendUint(b, tokensFinish, m.finish)
	b = appendRaw(b, tokensModel, m.model)
	return appendRaw(b, tokensStats, m.stats)
}

// DropIDs removes the token ids and the log probabilities from a TokenChunk, in place, and returns
// the rest. They spell out its text.
func DropIDs(chunk []byte) []byte {
	out := chunk[:0]
	for rest := chunk; len(rest) > 0; {
		field, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			return out // what cannot be parsed is left out
		}
		if field != tokensIDs && field != tokensLogprobs {
			out = append(out, rest[:n]...)
		}
		rest = rest[n:]
	}
	return out
}
