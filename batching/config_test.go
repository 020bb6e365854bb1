package batching

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestConfigNamesEveryWrongFieldAtOnce(t *testing.T) {
	_, err := New(Config{
		Kinds: make([]string, 65), QueueBytes: 511, QueueEvents: -1, BatchBytes: 1, BatchEvents: -2,
		Permits:         -3,
		MaxMessageBytes: -4, Overflow: 3, BlockTimeout: -5, DeliveryTimeout: -6,
		Overflows: map[Class]Overflow{Details: 7},
	})
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for _, want := range []string{
		"Sender is required", "Seal is required", "Kinds holds 65 names, want 1 to 64",
		fmt.Sprintf("QueueBytes is 511, want at least %d", minSegment+batchCost),
		"QueueEvents is -1, want at least 1", "BatchBytes is 1, want at least 512",
		"BatchEvents is -2, want at least 1",
		"Permits is -3, want at least 1", "MaxMessageBytes is -4, want at least 1",
		"Overflow is 3, want DropNewest, Block or DropOldest",
		"Overflows has overflow(7) for details, want",
		"BlockTimeout is -5ns, want more than 0", "DeliveryTimeout is -6ns, want more than 0",
	} {
		found := 0
		for _, line := range lines {
			if strings.HasPrefix(line, "batching: Config."+want) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%q is said %d times in:\n%v", want, found, err)
		}
	}
	if len(lines) != 13 {
		t.Errorf("%d complaints, want 13:\n%v", len(lines), err)
	}
}

func TestLingerBeyondTheDeliveryTimeoutIsRefused(t *testing.T) {
	cfg := Config{Sender: ackSender{}, Seal: seal, Kinds: testKinds, Linger: 2 * time.Second,
		DeliveryTimeout: 2 * time.Second}
	const want = "batching: Config.Linger is 2s, want less than Config.DeliveryTimeout, which is 2s"
	if _, err := New(cfg); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestConfigZeroValuesAreTheDefaults(t *testing.T) {
	e := start(t, ackSender{}, func(c *Config) { c.Logger = nil })
	c := e.cfg
	if c.QueueBytes != DefaultQueueBytes || c.QueueEvents != DefaultQueueEvents ||
		c.BatchBytes != DefaultBatchBytes ||
		c.BatchEvents != DefaultBatchEvents || c.Linger != DefaultLinger ||
		c.Permits != DefaultPermits ||
		c.MaxMessageBytes != DefaultMaxMessageBytes || c.BlockTimeout != DefaultBlockTimeout ||
		c.DeliveryTimeout != DefaultDeliveryTimeout || c.Overflow != DropNewest || c.Logger == nil {
		t.Errorf("%+v", c)
	}
	st := e.Stats()
	if st.Queue.MaxBytes != DefaultQueueBytes || st.Queue.MaxEvents != DefaultQueueEvents ||
		st.Permits.Limit != DefaultPermits {
		t.Errorf("limits in Stats: %+v, %+v", st.Queue, st.Permits)
	}
}

func TestConfigIsTakenAsItIs(t *testing.T) {
	want := Config{
		QueueBytes: minSegment + batchCost, QueueEvents: 1, BatchBytes: minSegment, BatchEvents: 1,
		Linger: -1, Permits: 1, MaxMessageBytes: 1,
		Overflow: Block, BlockTimeout: 1, DeliveryTimeout: math.MaxInt64,
	}
	e := start(t, ackSender{}, func(c *Config) {
		want.Sender, want.Kinds, want.Logger = c.Sender, c.Kinds, c.Logger
		seal := c.Seal
		*c = want
		c.Seal = seal
	})
	got := e.cfg
	if got.QueueBytes != want.QueueBytes || got.QueueEvents != 1 || got.BatchBytes != minSegment ||
		got.BatchEvents != 1 || got.Linger != -1 ||
		got.Permits != 1 || got.MaxMessageBytes != 1 || got.Overflow != Block ||
		got.BlockTimeout != 1 || got.DeliveryTimeout != math.MaxInt64 {
		t.Errorf("%+v", got)
	}
}

func TestNamesOfReasonsOutcomesAndTriggers(t *testing.T) {
	var names []string
	for r := range NumReasons {
		names = append(names, Reason(r).String())
	}
	for o := range NumOutcomes {
		names = append(names, Outcome(o).String())
	}
	for g := range NumTriggers {
		names = append(names, Trigger(g).String())
	}
	for c := range NumClasses {
		names = append(names, Class(c).String())
	}
	names = append(names, DropNewest.String(), Block.String(), DropOldest.String(),
		Reason(99).String(), Outcome(99).String(), Trigger(99).String(), Overflow(99).String(),
		Class(99).String())
	const want = "queue_full too_large timeout rejected closed shutdown internal shed delivered " +
		"unacknowledged dropped linger bytes count urgent kind flush skeleton states calls " +
		"details drop block drop_oldest reason(99) outcome(99) trigger(99) overflow(99) class(99)"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
