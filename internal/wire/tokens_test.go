package wire

import (
	"bytes"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func protoTokens(x *Tokens) *pb.TokenChunk {
	p := &pb.TokenChunk{
		RequestId: x.RequestID, Text: x.Text, TokenIds: x.IDs, Logprobs: x.Logprobs,
		ChunkIndex: x.Index, IsFinal: x.Final,
		FinishReason: pb.TokenChunk_FinishReason(x.Finish), Model: x.Model,
	}
	if x.Prompt|x.Completion|x.Total != 0 {
		p.Stats = &pb.TokenStats{PromptTokens: x.Prompt, CompletionTokens: x.Completion,
			TotalTokens: x.Total}
	}
	return p
}

func checkTokens(t *testing.T, x *Tokens) {
	t.Helper()
	got := AppendTokens(nil, x)
	if n := SizeTokens(x); n != len(got) {
		t.Errorf("SizeTokens = %d, %d bytes appended", n, len(got))
	}
	if want := marshal(t, protoTokens(x)); !bytes.Equal(got, want) {
		t.Errorf("tokens %+v\n% x, want\n% x", x, got, want)
	}
}

func tokensOf(d *dice) *Tokens {
	x := &Tokens{
		RequestID: d.text(), Text: d.text(), Model: d.text(), Index: uint32(d.number()),
		Final: d.below(4) == 0, Finish: byte(d.below(6)),
		Prompt: uint32(d.number()), Completion: uint32(d.number()), Total: uint32(d.number()),
	}
	for range d.below(6) {
		x.IDs = append(x.IDs, uint32(d.number()))
	}
	for range d.below(6) {
		x.Logprobs = append(x.Logprobs, math.Float32frombits(uint32(d.number())))
	}
	if d.below(2) == 0 {
		x.Prompt, x.Completion, x.Total = 0, 0, 0
	}
	return x
}

func TestTokensEqualTheGeneratedTypes(t *testing.T) {
	checkTokens(t, &Tokens{})
	checkTokens(t, &Tokens{IDs: make([]uint32, 200), Logprobs: make([]float32, 200), Final: true,
		Finish: 1})
	rolls(t, 1000, func(t *testing.T, d dice) { checkTokens(t, tokensOf(&d)) })
}

func FuzzTokens(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		d := dice(b)
		checkTokens(t, tokensOf(&d))
	})
}

// concatenated is the model of a TokenMerger.
func concatenated(chunks []*Tokens) *pb.TokenChunk {
	all := &pb.TokenChunk{ChunkIndex: chunks[0].Index}
	for _, x := range chunks {
		p := protoTokens(x)
		all.Text += p.Text
		all.TokenIds = append(all.TokenIds, p.TokenIds...)
		all.Logprobs = append(all.Logprobs, p.Logprobs...)
		all.IsFinal = all.IsFinal || p.IsFinal
		if p.RequestId != "" {
			all.RequestId = p.RequestId
		}
		if p.Model != "" {
			all.Model = p.Model
		}
		if p.FinishReason != 0 {
			all.FinishReason = p.FinishReason
		}
		if p.Stats != nil {
			all.Stats = p.Stats
		}
	}
	return all
}

func checkMerge(t *testing.T, m *TokenMerger, chunks []*Tokens) {
	t.Helper()
	m.Reset()
	sum := 0
	for _, x := range chunks {
		b := AppendTokens(nil, x)
		sum += len(b)
		if err := m.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	merged := m.Append(nil)
	want := concatenated(chunks)
	if encoded := marshal(t, want); !bytes.Equal(merged, encoded) {
		t.Errorf("merged % x, want % x", merged, encoded)
	}
	if len(merged) > sum {
		t.Errorf("%d bytes merged from %d: they would not fit where they came from", len(merged),
			sum)
	}
	if got := decodeBody(t, merged, &pb.TokenChunk{}); !proto.Equal(got, want) {
		t.Errorf("decoded %v, want %v", got, want)
	}
}

func TestMergedTokensAreTheConcatenation(t *testing.T) {
	tests := map[string][]*Tokens{
		"one": {{RequestID: "r", Text: "a", Index: 4}},
		"texts": {{RequestID: "r", Text: "a", Index: 4},
			{RequestID: "r", Text: "b", Index: 5}, {RequestID: "r", Index: 6}},
		"index of none": {{Text: "a"}, {Text: "b", Index: 1}},
		"the end": {
			{Text: "a", Model: "m"}, {Text: "", Final: true, Finish: 1, Prompt: 1, Completion: 2,
				Total: 3},
		},
		"ids": {{IDs: []uint32{1, 1 << 31}}, {Text: "no ids"},
			{IDs: []uint32{0}, Logprobs: []float32{-1, 0}}},
	}
	var m TokenMerger
	for name, chunks := range tests {
		t.Run(name, func(t *testing.T) { checkMerge(t, &m, chunks) })
	}
}

// One merger serves all requests: nothing of one may remain in the next.
func TestMergerIsUsedAgain(t *testing.T) {
	var m TokenMerger
	rolls(t, 1000, func(t *testing.T, d dice) { checkMerge(t, &m, chunksOf(&d)) })
}

func chunksOf(d *dice) []*Tokens {
	chunks := []*Tokens{tokensOf(d)}
	for range d.below(5) {
		chunks = append(chunks, tokensOf(d))
	}
	return chunks
}

func FuzzTokenMerger(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		d := dice(b)
		var m TokenMerger
		checkMerge(t, &m, chunksOf(&d))
	})
}

func TestMergerRefusesWhatIsNoChunk(t *testing.T) {
	for name, b := range map[string][]byte{
		"half a tag":        {0x80},
		"half a number":     {tag(tokensIndex, varintType), 0x80},
		"half a text":       {tag(tokensText, bytesType), 5, 'a'},
		"a fixed64":         append([]byte{tag(tokensText, fixed64)}, make([]byte, 8)...),
		"field number zero": {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var m TokenMerger
			if err := m.Add(b); err == nil {
				t.Errorf("% x was taken", b)
			}
		})
	}
}

func FuzzTokenMergerOnBytes(f *testing.F) {
	f.Add(AppendTokens(nil, &Tokens{RequestID: "r", Text: "text", IDs: []uint32{1}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m TokenMerger
		if err := m.Add(b); err == nil && len(m.Append(nil)) > len(b) {
			t.Errorf("% x became % x", b, m.Append(nil))
		}
	})
}

func TestDropIDsLeavesTheRest(t *testing.T) {
	x := &Tokens{RequestID: "r", Text: "a", Model: "m", IDs: []uint32{1, 300},
		Logprobs: []float32{-1}, Index: 3, Final: true, Total: 9}
	got := DropIDs(AppendTokens(nil, x))
	x.IDs, x.Logprobs = nil, nil
	if want := AppendTokens(nil, x); !bytes.Equal(got, want) {
		t.Errorf("% x, want % x", got, want)
	}
	if got := DropIDs([]byte{tag(tokensText, bytesType), 5, 'a'}); len(got) != 0 {
		t.Errorf("% x of what does not parse", got)
	}
}
