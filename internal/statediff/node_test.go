package statediff

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// runNode runs a program of testdata on input and returns the lines that it prints. It skips the
// test if Node is not installed.
func runNode(t *testing.T, program string, input []byte) []string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: what JavaScript makes of it is not compared")
	}
	cmd := exec.CommandContext(t.Context(), path, "testdata/"+program)
	cmd.Stdin = bytes.NewReader(input)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, &problems)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
	}
	return all
}

// doubles returns n finite doubles: any bits, short decimals, whole numbers, and the neighbours of
// powers of ten and two.
func doubles(n int) []float64 {
	r := rand.New(rand.NewPCG(8785, 6902))
	all := []float64{0, math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53,
		1<<53 + 2, 1e21, 1e-6, 1e-7}
	for e := -324; e <= 308; e++ {
		f, _ := strconv.ParseFloat("1e"+strconv.Itoa(e), 64)
		all = append(all, f, math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1)))
	}
	for e := -1074; e < 1024; e++ {
		f := math.Ldexp(1, e)
		all = append(all, f, math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1)))
	}
	for len(all) < n {
		f := math.Float64frombits(r.Uint64())
		switch r.IntN(4) {
		case 0:
			f = float64(r.IntN(1e9)) / math.Pow(10, float64(r.IntN(20)))
		case 1:
			f = math.Trunc(r.NormFloat64() * math.Pow(10, float64(r.IntN(24))))
		}
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			all = append(all, f)
		}
	}
	return all
}

func TestNumbersStandAsNodePrintsThem(t *testing.T) {
	n := 1_000_000
	if testing.Short() || fewer {
		n = 50_000
	}
	all := doubles(n)
	var input []byte
	for _, f := range all {
		input = binary.BigEndian.AppendUint64(input, math.Float64bits(f))
	}
	want := runNode(t, "numbers.mjs", input)
	if len(want) != len(all) {
		t.Fatalf("node printed %d numbers of %d", len(want), len(all))
	}
	var c Canonicalizer
	var buf, got []byte
	for i, f := range all {
		// As other encoders may write it; whole numbers up to 2^53 also with all their digits.
		forms := []string{strconv.FormatFloat(f, 'e', 16, 64), strconv.FormatFloat(f, 'g', -1, 64),
			want[i]}
		if math.Abs(f) <= 1<<53 || f != math.Trunc(f) {
			forms = append(forms, strconv.FormatFloat(f, 'f', -1, 64),
				strconv.FormatFloat(f, 'f', -1, 64))
		}
		for _, form := range forms {
			var err error
			if got, err = c.Append(got[:0], append(buf[:0], form...)); err != nil ||
				string(got) != want[i] {
				t.Fatalf("%s becomes %s, %v; node prints %s", form, got, err, want[i])
			}
		}
	}
}

func TestJavaScriptComputesTheSameSums(t *testing.T) {
	var sources [][]byte
	for seed := range uint64(4000) {
		base, next := pair(t, seed)
		sources = append(sources, base, next)
	}
	for _, s := range []string{
		`{"b":2,"a":1,"nested":{"z":"x","y":[true,null]}}`,
		`{"a":1,"a":2,"__proto__":{"x":1},"1":2,"10":3,"9":4}`,
		`"\ud800 \udc00\ud800 \ud83d\ude00"`, `{"\ud800":1,"\ud801":2}`,
		`{"\ue000":1,"\ud83d\ude00":2,"\uffff":3}`,
		`[1e21,1e20,0.1e-6,-0.0,1E400,123456789.125,9007199254740992]`,
		`"\u2028\u2029\u007f\u0080\u0000</script>"`,
		`{"constructor":1,"toString":{"valueOf":null},"length":0,"":""}`,
	} {
		sources = append(sources, []byte(s))
	}
	var input bytes.Buffer
	var want []string
	var c Canonicalizer
	var s Summer
	var d Document
	for _, src := range sources {
		if !utf8.Valid(src) {
			continue
		}
		if err := c.Parse(&d, src); err != nil {
			t.Fatal(err)
		}
		if !d.Verifiable() {
			continue
		}
		sum := s.Sum(&d, nil)
		// what the application passed, and what is sent
		for _, text := range [][]byte{src, d.Bytes()} {
			line, err := json.Marshal(string(text))
			if err != nil {
				t.Fatal(err)
			}
			input.Write(append(line, '\n'))
			want = append(want, hex.EncodeToString(sum[:])+" "+string(text))
		}
	}
	got := runNode(t, "canonical.mjs", input.Bytes())
	if len(got) != len(want) {
		t.Fatalf("%d sums of %d", len(got), len(want))
	}
	for i := range got {
		if sum, text, _ := strings.Cut(want[i], " "); got[i] != sum {
			t.Errorf("%s: JavaScript says %s, want %s", text, got[i], sum)
		}
	}
	t.Logf("%d sums compared", len(got))
}
