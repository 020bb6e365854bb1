package kafka

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// silence is what has been logged about brokers that do not respond and partitions that are not
// acknowledged. Only the watch uses the fields that are not atomic.
type silence struct {
	cluster    episode            // no broker responds
	brokers    map[*peer]*episode // one broker does not respond
	partitions episode            // partitions are not acknowledged, though their leaders respond
	// when brokers began to respond again; waiting of partitions is counted from then on
	excused time.Duration

	all    atomic.Bool            // whether no broker has responded since; a response ends it
	report atomic.Pointer[stalls] // for Stats
}

// episode is a time in which something does not respond, beginning when that is logged.
type episode struct {
	on     bool
	since  time.Duration // when the silence began
	told   time.Duration // when it was logged, as a time of the network
	before map[*partition]uint64
}

// begin starts the episode unless it has begun already, and reports whether it did. It includes the
// partitions of k from now on.
func (e *episode) begin(k *stuck) bool {
	began := !e.on
	if began {
		*e = episode{on: true, since: k.since, before: make(map[*partition]uint64)}
	}
	for _, p := range k.partitions {
		if _, ok := e.before[p]; !ok {
			e.before[p] = p.gaveUp.Load()
		}
	}
	return began
}

// end ends the episode, and returns how long it lasted and how many batches were given up in it.
func (e *episode) end(now time.Duration) []any {
	var gaveUp uint64
	for p, before := range e.before {
		gaveUp += p.gaveUp.Load() - before
	}
	for p := range e.before {
		p.excused = now
	}
	after := now - e.since
	*e = episode{}
	return []any{"after", after.Round(time.Millisecond), "gave_up", gaveUp}
}

// stuck is a set of partitions that are not acknowledged.
type stuck struct {
	partitions []*partition
	batches    int64
	since      time.Duration // of the one that has waited longest
	longest    *partition
}

func (k *stuck) add(p *partition) {
	if since := p.unacknowledgedSince(); len(k.partitions) == 0 || since < k.since {
		k.since, k.longest = since, p
	}
	k.partitions = append(k.partitions, p)
	k.batches += p.inClient.Load() + p.waiting.Load()
}

// String lists the partitions by number, at most ten of them.
func (k *stuck) String() string {
	ids := make([]int32, 0, len(k.partitions))
	for _, p := range k.partitions {
		ids = append(ids, p.id)
	}
	slices.Sort(ids)
	const most = 10
	var b strings.Builder
	for i, id := range ids {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(ids)-most)
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprint(&b, id)
	}
	return b.String()
}

// noticeSilence logs once when something begins to accept nothing, and once when that ends: no
// broker responds, one broker does not, or partitions are not acknowledged although their leaders
// respond.
func (s *Sender) noticeSilence(now time.Duration) {
	k := &s.silence
	if k.cluster.on && !k.all.Load() {
		k.excused = now
		s.log.Info("kafka: brokers respond again", k.cluster.end(now)...)
	}
	all, byBroker, others := s.stuckPartitions(now)
	s.noteStalls(&all, byBroker)
	if s.noticeCluster(now, &all) {
		return // nothing can be said about a single broker
	}
	s.noticeBrokers(now, byBroker)
	s.noticePartitions(now, &others)
}

// stuckPartitions returns the partitions that have not been acknowledged for long: all of them,
// those of each broker that owes a response, and those whose brokers respond. Partitions for which
// neither is certain yet are left for the next time.
func (s *Sender) stuckPartitions(
	now time.Duration,
) (all stuck, byBroker map[*peer]*stuck, others stuck) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.network.now()
	for _, p := range s.active {
		if now-max(p.unacknowledgedSince(), s.silence.excused) < s.timing.silence {
			continue
		}
		all.add(p)
		var leader *peer
		if p.leader >= 0 {
			leader = s.network.node(p.leader)
		}
		switch {
		case p.id == unknownPartition:
		case s.words.last(p.id) != nil:
			// the log has the reason; when that is over, another one is not logged at once
			p.excused = now
		case leader != nil && leader.silent(at) >= s.timing.silence:
			if byBroker == nil {
				byBroker = make(map[*peer]*stuck)
			}
			if byBroker[leader] == nil {
				byBroker[leader] = new(stuck)
			}
			byBroker[leader].add(p)
			// until some time after the broker's first response, which need not be for the
			// partition
			p.excused = now
		case now-p.excused < s.timing.silence: // its time has only just started again
		case leader == nil || leader.silent(at) < s.timing.stall:
			others.add(p)
		}
	}
	return all, byBroker, others
}

// noticeCluster reports whether no broker responds. Brokers that owe nothing do not count: while a
// quota makes the client wait, it sends no requests.
func (s *Sender) noticeCluster(now time.Duration, all *stuck) bool {
	k, at := &s.silence, s.network.now()
	if k.cluster.on {
		return true
	}
	if len(all.partitions) == 0 || s.network.owed() < s.timing.silence ||
		s.network.heardSince(at-s.timing.silence) {
		return false
	}
	k.cluster.begin(all)
	k.all.Store(true)
	text, _ := s.stats.last()
	s.log.Warn("kafka: no broker responds; batches wait until their delivery timeout",
		"silent", (now - all.since).Round(time.Millisecond), "waiting", s.outstanding.Load(),
		"delivery_timeout", s.timing.delivery, "last_error", text)
	return true
}

// answered records that a broker has responded.
func (s *Sender) answered() {
	if s.silence.all.Load() && s.silence.all.CompareAndSwap(true, false) {
		signal(s.wake)
	}
}

func (s *Sender) noticeBrokers(now time.Duration, silent map[*peer]*stuck) {
	k := &s.silence
	for p, e := range k.brokers {
		if silent[p] != nil {
			continue
		}
		delete(k.brokers, p)
		text := "kafka: no batch waits any more for the broker that does not respond"
		if p.heardSince(e.told) {
			text = "kafka: the broker responds again"
		}
		s.log.Info(text, append([]any{"broker", p.address}, e.end(now)...)...)
	}
	for p, stuck := range silent {
		if k.brokers == nil {
			k.brokers = make(map[*peer]*episode)
		}
		if k.brokers[p] == nil {
			k.brokers[p] = new(episode)
		}
		if !k.brokers[p].begin(stuck) {
			continue
		}
		k.brokers[p].told = s.network.now()
		text, _ := s.stats.last()
		s.log.Warn("kafka: a broker does not respond; the batches of its partitions wait until "+
			"their delivery timeout",
			"broker", p.address, "silent", p.silent(s.network.now()).Round(time.Millisecond),
			"partitions", stuck.String(),
			"waiting", stuck.batches, "delivery_timeout", s.timing.delivery, "last_error", text)
	}
}

func (s *Sender) noticePartitions(now time.Duration, others *stuck) {
	e := &s.silence.partitions
	if len(others.partitions) == 0 {
		if e.on {
			s.log.Info("kafka: all partitions whose brokers respond are acknowledged again",
				e.end(now)...)
		}
		return
	}
	if !e.begin(others) {
		return
	}
	text, _ := s.stats.last()
	s.log.Warn("kafka: partitions are not acknowledged, although brokers respond; their batches "+
		"wait until their delivery timeout",
		"partitions", others.String(), "since", (now - others.since).Round(time.Millisecond),
		"waiting", others.batches,
		"delivery_timeout", s.timing.delivery, "last_error", text)
}

// stalls is what is not acknowledged at a point in time.
type stalls struct {
	partitions int64
	since      time.Duration
	worst      string
}

// noteStalls stores for Stats what is not acknowledged: how many partitions, since when, and the
// broker that keeps most of them waiting, or else the partition that has waited longest.
func (s *Sender) noteStalls(all *stuck, byBroker map[*peer]*stuck) {
	if len(all.partitions) == 0 {
		if s.silence.report.Load() != nil {
			s.silence.report.Store(nil)
		}
		return
	}
	note := &stalls{partitions: int64(len(all.partitions)), since: all.since}
	if all.longest.id != unknownPartition {
		note.worst = fmt.Sprint("partition ", all.longest.id)
	}
	most := 0
	for p, k := range byBroker {
		if n := len(k.partitions); n > most || n == most && p.address < note.worst {
			most, note.worst = n, p.address
		}
	}
	s.silence.report.Store(note)
}
