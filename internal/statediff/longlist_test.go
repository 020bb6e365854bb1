package statediff

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const longList = 100_000

// listText is a list of n numbers, from first on, as an object's member.
func listText(numbers []int) []byte {
	b := []byte(`{"list":[`)
	for i, n := range numbers {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, `]}`...)
}

func numbersFrom(first, n int) (numbers []int) {
	for i := range n {
		numbers = append(numbers, first+i)
	}
	return numbers
}

// checkLongList diffs two lists and requires that the patch, if there is one, leads from one to the
// other.
func checkLongList(t testing.TB, before, after []int) (patched bool) {
	t.Helper()
	var c Canonicalizer
	var differ Differ
	base, next, got := new(Document), new(Document), new(Document)
	if err := errors.Join(c.Parse(base, listText(before)), c.Parse(next, listText(after))); err !=
		nil {
		t.Fatal(err)
	}
	ops, _, ok := differ.Diff(base, next)
	if !ok {
		return false
	}
	if err := c.Apply(got, base, ops); err != nil {
		t.Fatalf("a patch of %d operations: %v", len(ops), err)
	}
	if string(got.text) != string(next.text) {
		t.Fatalf("a patch of %d operations leads to another list", len(ops))
	}
	return true
}

func TestWhatDiffSaysOfALongListCanBeApplied(t *testing.T) {
	list := numbersFrom(1_000_000, longList)
	r := rand.New(rand.NewPCG(1, 1))
	scattered := slices.Clone(list)
	for range 10_000 {
		i := r.IntN(len(scattered))
		if r.IntN(2) == 0 {
			scattered = slices.Insert(scattered, i, r.IntN(1_000_000))
		} else {
			scattered = slices.Delete(scattered, i, i+1)
		}
	}
	for name, lists := range map[string][2][]int{
		"put in front":     {list, slices.Concat(numbersFrom(0, 16_000), list)},
		"taken from front": {slices.Concat(numbersFrom(0, 16_000), list), list},
		"both ends": {list, slices.Concat(numbersFrom(0, 8_000), list[100:],
			numbersFrom(5_000_000, 8_000))},
		"scattered": {list, scattered},
		"every tenth gone": {list, slices.DeleteFunc(slices.Clone(list),
			func(n int) bool { return n%10 == 3 })},
	} {
		t.Run(name, func(t *testing.T) {
			if !checkLongList(t, lists[0], lists[1]) {
				t.Error("there is no patch")
			}
		})
	}
}

// Each operation of a patch costs about the same, wherever it leads and however long the list is.
// Four times as many operations on a list four times as long take about four times as long; they
// would take sixteen times as long if elements were moved.
func TestNoPatchIsQuadratic(t *testing.T) {
	took := func(n int, op Op) time.Duration {
		base, ops := listText(numbersFrom(0, n)), slices.Repeat([]Op{op}, n-1)
		started := time.Now()
		if _, err := Apply(base, ops); err != nil {
			t.Fatal(err)
		}
		return time.Since(started)
	}
	for name, op := range map[string]func(n int) Op{
		"put in front": func(int) Op {
			return Op{Kind: Add, Path: "/list/0", Value: []byte("1")}
		},
		"taken from front": func(int) Op { return Op{Kind: Remove, Path: "/list/0"} },
		"in the middle": func(n int) Op {
			return Op{Kind: Add, Path: fmt.Sprint("/list/", n/2),
				Value: []byte("1")}
		},
		"moved": func(n int) Op {
			return Op{Kind: Move, From: fmt.Sprint("/list/", n-1),
				Path: "/list/0"}
		},
	} {
		const n = 10_000
		var few, many time.Duration
		for range 10 { // a busy machine may interrupt any of them
			few, many = took(n, op(n)), took(4*n, op(4*n))
			if many <= 10*few {
				break
			}
		}
		if many > 10*few {
			t.Errorf("%s: %d operations take %v, %d take %v", name, n, few, 4*n, many)
		}
	}
}

// If a patch would copy more than Apply allows, Differ sends the state whole.
func TestDiffMakesNoPatchThatCopiesTooMuch(t *testing.T) {
	blob := `"` + strings.Repeat("x", 1<<20) + `"`
	var c Canonicalizer
	var differ Differ
	base, next := new(Document), new(Document)
	if err := errors.Join(c.Parse(base, []byte(`{"a":`+blob+`}`)),
		c.Parse(next, []byte(`{"a":[`+strings.Repeat(blob+",", 70)+`1]}`))); err != nil {
		t.Fatal(err)
	}
	if ops, _, ok := differ.Diff(base, next); ok {
		t.Errorf("%d operations: %v", len(ops), c.Apply(new(Document), base, ops))
	}
}

func TestListIsASlice(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	key := func() []byte { return appendQuoted(nil, strconv.Itoa(r.IntN(1<<20))) }
	for range 15 {
		var want []entry
		for range r.IntN(9000) {
			want = append(want, entry{key(), new(value)})
		}
		slices.SortFunc(want, func(a, b entry) int { return compareKeys(a.key, b.key) })
		want = slices.CompactFunc(want, func(a, b entry) bool {
			return compareKeys(a.key, b.key) == 0
		})
		l := listOf(slices.Clone(want))
		for range 3000 {
			switch k := key(); r.IntN(3) {
			case 0:
				if len(want) > 0 {
					i := r.IntN(len(want))
					want = slices.Delete(want, i, i+1)
					l.remove(i)
				}
			default:
				i, found := slices.BinarySearchFunc(want, k, func(e entry, k []byte) int {
					return compareKeys(e.key, k)
				})
				if at, was := l.search(k); at != i || was != found {
					t.Fatalf("%s is at %d (%v) of %d, want %d (%v)", k, at, was, len(want), i,
						found)
				}
				if !found {
					e := entry{k, new(value)}
					want = slices.Insert(want, i, e)
					l.insert(i, e)
				}
			}
		}
		i := 0
		_ = l.each(func(e *entry) error {
			if e.value != want[i].value || l.at(i).value != e.value {
				t.Fatalf("another value at %d", i)
			}
			i++
			return nil
		})
		if i != len(want) || l.size != len(want) {
			t.Fatalf("%d entries, size %d, want %d", i, l.size, len(want))
		}
	}
}

// FuzzDiffOfLongLists changes a list of 100,000 elements.
func FuzzDiffOfLongLists(f *testing.F) {
	f.Add(uint64(1), uint16(16_000), uint16(0), uint16(100))
	f.Add(uint64(2), uint16(0), uint16(30_000), uint16(0))
	list := numbersFrom(1_000_000, longList)
	f.Fuzz(func(t *testing.T, seed uint64, front, gone, scattered uint16) {
		r := rand.New(rand.NewPCG(seed, 3))
		after := slices.Concat(numbersFrom(r.IntN(1000), int(front)), list[gone:])
		for range scattered % 2000 {
			switch i := r.IntN(len(after)); r.IntN(4) {
			case 0:
				after = slices.Insert(after, i, r.IntN(3_000_000))
			case 1:
				after = slices.Delete(after, i, i+1)
			case 2:
				after[i] = r.IntN(3_000_000)
			default:
				j := min(len(after), i+r.IntN(200))
				run := slices.Clone(after[i:j])
				after = slices.Delete(after, i, j)
				after = slices.Insert(after, r.IntN(len(after)+1), run...)
			}
		}
		checkLongList(t, list, after)
	})
}
