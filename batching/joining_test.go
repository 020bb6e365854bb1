package batching

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func mixed(serial, join uint64, one bool) message {
	return message{Entry: Entry{Kind: kindMixed, Join: join, OneMessage: one}, serial: serial}
}

func TestMessagesJoin(t *testing.T) {
	type row struct {
		first, last uint64
		serials     []uint64
	}
	tests := []struct {
		name string
		play []message
		want []row
	}{
		{
			"those of one join follow each other in a batch and keep their numbers",
			[]message{event(1), event(2), event(3)},
			[]row{{1, 3, []uint64{1, 2, 3}}},
		},
		{
			"pieces of two interleaved messages",
			[]message{token(1, 7), token(2, 8), token(3, 7), token(4, 8), token(5, 7)},
			[]row{{1, 1, []uint64{1, 3, 5}}, {2, 2, []uint64{2, 4}}},
		},
		{
			"a message of another kind ends the pieces in front of it",
			[]message{token(1, 7), event(2), token(3, 7), event(4)},
			[]row{{1, 1, []uint64{1}}, {2, 2, []uint64{2}}, {3, 3, []uint64{3}},
				{4, 4, []uint64{4}}},
		},
		{
			"a rejected message ends the pieces in front of it and leaves its number out",
			[]message{token(1, 7), event(2).padded(2000), token(3, 7), token(4, 7)},
			[]row{{1, 1, []uint64{1}}, {3, 3, []uint64{3, 4}}},
		},
		{
			"a lost piece leaves a number out",
			[]message{token(1, 7), token(2, 7).padded(2000), token(3, 7)},
			[]row{{1, 1, []uint64{1}}, {3, 3, []uint64{3}}},
		},
		{
			"a rejected message leaves a number out of a batch whose messages have numbers of " +
				"their own",
			[]message{event(1), event(2).padded(2000), event(3)},
			[]row{{1, 3, []uint64{1, 3}}},
		},
		{
			"pieces together do not exceed the limit of one message",
			[]message{token(1, 7).padded(600), token(2, 7).padded(600), token(3, 7).padded(10)},
			[]row{{1, 1, []uint64{1}}, {2, 2, []uint64{2, 3}}},
		},
		{
			"another join ends what is not one message",
			[]message{mixed(1, 1, false), mixed(2, 2, false), mixed(3, 1, false)},
			[]row{{1, 1, []uint64{1}}, {2, 2, []uint64{2}}, {3, 3, []uint64{3}}},
		},
		{
			"pieces end a batch of messages in front of them",
			[]message{mixed(1, 1, false), mixed(2, 2, true), mixed(3, 1, false), mixed(4, 2, true)},
			[]row{{1, 1, []uint64{1}}, {2, 2, []uint64{2}}, {3, 3, []uint64{3}},
				{4, 4, []uint64{4}}},
		},
		{
			"a message and a piece of the same join do not mix",
			[]message{mixed(1, 1, true), mixed(2, 1, false), mixed(3, 1, true)},
			[]row{{1, 1, []uint64{1}}, {2, 2, []uint64{2}}, {3, 3, []uint64{3}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, func(c *Config) { c.MaxMessageBytes = 1000 })
				l := e.NewLane("a", nil, 0, 0)
				for _, m := range tt.play {
					m.emit(l)
				}
				time.Sleep(time.Second)
				var got []row
				for _, r := range s.all() {
					got = append(got, row{r.first, r.last, r.serials})
				}
				same := func(a, b row) bool {
					return a.first == b.first && a.last == b.last && slices.Equal(a.serials,
						b.serials)
				}
				if !slices.EqualFunc(got, tt.want, same) {
					t.Errorf("sent %v, want %v", got, tt.want)
				}
				s.end(nil)
			})
		})
	}
}

func TestPiecesOfOneMessageCountOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(5) {
			token(i, 7).emit(l)
		}
		event(5).emit(l)
		time.Sleep(time.Second)
		s.end(nil)
		k := e.Stats().Kinds[kindToken]
		if k.Emitted != 5 || k.Delivered != 5 || k.Messages != 1 {
			t.Errorf("five pieces of one message: %+v", k)
		}
		if seq, idle := l.Last(); seq != 2 || !idle {
			t.Errorf("Last is %d, %t; want 2, true", seq, idle)
		}
	})
}

func TestAbandonedSlotIsAHole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 16, 0)
		event(1).emit(l)
		slot, _ := event(2).reserve(l)
		event(3).emit(l)
		slot.abandon()
		time.Sleep(time.Second)
		s.end(nil)
		if got := s.serials(); len(got) != 1 || !slices.Equal(got[0], []uint64{1, 3}) {
			t.Errorf("sent %v, want 1 and 3", got)
		}
		k := e.Stats().Total
		if k.Delivered != 2 || k.Dropped[Internal] != 1 || k.Messages != 2 {
			t.Errorf("one of three was abandoned: %+v", k)
		}
	})
}

func TestBatchOfHolesIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 0, 0)
		for range 2 {
			slot, _ := event(1).reserve(l)
			slot.abandon()
		}
		time.Sleep(time.Second)
		if got := s.all(); len(got) != 0 {
			t.Errorf("sent %v", s.serials())
		}
		if k := e.Stats().Total; k.Dropped[Internal] != 2 {
			t.Errorf("two abandoned: %+v", k)
		}
		checkEmpty(t, e)
	})
}

func TestTraceIsThatOfAllMessagesOrNone(t *testing.T) {
	a1, a2, b := &Trace{ID: "a", Parent: "1"}, &Trace{ID: "a", Parent: "2"}, &Trace{ID: "b"}
	tests := []struct {
		name   string
		traces []*Trace
		want   *Trace
	}{
		{"of the first", []*Trace{a1, a2}, a1},
		{"two traces", []*Trace{a1, b, a1}, nil},
		{"one without", []*Trace{a1, nil}, nil},
		{"the first without", []*Trace{nil, a1}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got *Trace
				s := &heldSender{onSend: func(b *Batch) { got = b.Trace() }}
				e := start(t, s, nil)
				l := e.NewLane("a", nil, 0, 0)
				for _, trace := range tt.traces {
					m := event(1)
					m.Trace = trace
					m.emit(l)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if got != tt.want {
					t.Errorf("trace %v, want %v", got, tt.want)
				}
				s.end(nil)
			})
		})
	}
}

func TestNumberWidthIsAskedForAgain(t *testing.T) {
	for _, last := range []uint64{126, 16_382, 1<<21 - 2, 1<<28 - 2, 1<<56 - 2} {
		synctest.Test(t, func(t *testing.T) {
			s := new(heldSender)
			e := start(t, s, nil)
			l := e.NewLane("a", nil, 0, last)
			m := event(1)
			m.At = time.Since(l.shard.engine.started)
			sized(&m.Entry, l, 0)
			event(0).emit(l) // takes the last number of this width
			before := e.Stats().Total
			var slot Slot
			if status := l.Reserve(&m.Entry, &slot); status != WidthChanged || slot.Buf != nil {
				t.Fatalf("after %d: status %d, want WidthChanged", last+1, status)
			}
			if after := e.Stats().Total; after != before {
				t.Errorf("a message whose size must be computed again was counted: %+v", after)
			}
			if !m.emit(l) {
				t.Error("it was rejected the second time")
			}
			if err := flushAcked(e, s); err != nil {
				t.Fatal(err)
			}
			if got := s.all()[0]; got.first != last+1 || got.last != last+2 {
				t.Errorf("sent %d to %d, want %d to %d", got.first, got.last, last+1, last+2)
			}
		})
	}
}
