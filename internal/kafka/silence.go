package kafka

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// silence is what the log has been told of brokers that do not answer and of partitions that are
// not acknowledged. What is not atomic is the watch's own.
type silence struct {
	cluster    episode            // no broker answers
	brokers    map[*peer]*episode // one broker does not
	partitions episode            // partitions are not acknowledged, though their leaders answer
	// when brokers began to answer again: all partitions have another chance from then on
	excused time.Duration

	all    atomic.Bool            // whether no broker has answered since; an answer ends it
	report atomic.Pointer[stalls] // for Stats
}

// episode is a time in which something does not answer, from the moment that the log was told.
type episode struct {
	on     bool
	since  time.Duration // when the silence began
	told   time.Duration // when the log was told, a time of the network
	before map[*partition]uint64
}

// begin starts the episode unless it goes on, and reports whether it did. The partitions take part
// in it from now on.
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

// end ends the episode, and returns how long it took and how many batches were given up in it.
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

// stuck is partitions that are not acknowledged.
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

// String lists the partitions by number, ten of them at the most.
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

// noticeSilence tells the log once when something begins to take nothing, and once when that ends:
// no broker answers, one broker does not, or partitions are not acknowledged although their leaders
// answer.
func (s *Sender) noticeSilence(now time.Duration) {
	k := &s.silence
	if k.cluster.on && !k.all.Load() {
		k.excused = now
		s.log.Info("kafka: brokers answer again", k.cluster.end(now)...)
	}
	all, byBroker, others := s.stuckPartitions(now)
	s.noteStalls(&all, byBroker)
	if s.noticeCluster(now, &all) {
		return // of one of them nothing can be said
	}
	s.noticeBrokers(now, byBroker)
	s.noticePartitions(now, &others)
}

// stuckPartitions returns the partitions that have not been acknowledged for long: all of them,
// those of each broker that owes an answer, and those whose brokers answer. Where neither is
// certain yet, it is told next time.
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
			// the log has the reason, and once that is over another is not told at once
			p.excused = now
		case leader != nil && leader.silent(at) >= s.timing.silence:
			if byBroker == nil {
				byBroker = make(map[*peer]*stuck)
			}
			if byBroker[leader] == nil {
				byBroker[leader] = new(stuck)
			}
			byBroker[leader].add(p)
			// until some time after the broker's first answer, which is not the partition's
			p.excused = now
		case now-p.excused < s.timing.silence: // it has only just got another chance
		case leader == nil || leader.silent(at) < s.timing.stall:
			others.add(p)
		}
	}
	return all, byBroker, others
}

// noticeCluster reports whether no broker answers. Brokers that are owed nothing are not silent:
// while a quota has the client wait, it asks nobody.
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
	s.log.Warn("kafka: no broker answers; batches wait until their delivery timeout",
		"silent", (now - all.since).Round(time.Millisecond), "waiting", s.outstanding.Load(),
		"delivery_timeout", s.timing.delivery, "last_error", text)
	return true
}

// answered notes that a broker has answered something.
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
		text := "kafka: no batch waits any more for the broker that does not answer"
		if p.heardSince(e.told) {
			text = "kafka: the broker answers again"
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
		s.log.Warn("kafka: a broker does not answer; the batches of its partitions wait until "+
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
			s.log.Info("kafka: all partitions whose brokers answer are acknowledged again",
				e.end(now)...)
		}
		return
	}
	if !e.begin(others) {
		return
	}
	text, _ := s.stats.last()
	s.log.Warn("kafka: partitions are not acknowledged, although brokers answer; their batches "+
		"wait until their delivery timeout",
		"partitions", others.String(), "since", (now - others.since).Round(time.Millisecond),
		"waiting", others.batches,
		"delivery_timeout", s.timing.delivery, "last_error", text)
}

// stalls is what is not acknowledged at a time.
type stalls struct {
	partitions int64
	since      time.Duration
	worst      string
}

// noteStalls keeps for Stats what is not acknowledged: how many partitions, since when, and the
// broker that keeps most of them waiting, or the partition that has waited longest.
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
