package chaos

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

const (
	threads = 200
	rate    = 10_000 // events a second
)

// lasting returns the length that a variable sets, or the usual one.
func lasting(t *testing.T, variable string, usual, long time.Duration) time.Duration {
	t.Helper()
	if value := os.Getenv(variable); value != "" {
		d, err := time.ParseDuration(value)
		if err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
		return d
	}
	if os.Getenv("DASHSTREAM_LONG") != "" {
		return long
	}
	return usual
}

func seedOf(t *testing.T) uint64 {
	t.Helper()
	value := os.Getenv("DASHSTREAM_CHAOS_SEED")
	if value == "" {
		return 1
	}
	seed, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		t.Fatal("DASHSTREAM_CHAOS_SEED:", err)
	}
	return seed
}

// threeBrokers returns a cluster of three brokers that may be killed, or skips the test.
func threeBrokers(t *testing.T) *kafkatest.Cluster {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: faults take minutes")
	}
	c := kafkatest.FromEnv(t)
	if c == nil || c.Size() < 3 {
		t.Skip("needs three brokers: go run ./internal/kafkatest/cmd/kafka run --brokers 3 -- go " +
			"test ./internal/integration/chaos")
	}
	return c
}

// party is one of the clients that share the topic.
type party struct {
	name    string
	client  *callback.Client
	players []*player
	report  callback.Report
}

// newParty starts a client that reaches the brokers through the network.
func newParty(
	t *testing.T, name string, n int, network *network, cfg callback.Config,
) *party {
	t.Helper()
	cfg.Dialer, cfg.InstanceID = network.dial, name
	cfg.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	client, err := callback.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, _ = client.Shutdown(ctx)
	})
	return &party{name: name, client: client, players: newPlayers(client, name, n)}
}

func (p *party) emitted() (n uint64) {
	for _, player := range p.players {
		n += uint64(player.emitted)
	}
	return n
}

// shutdown ends a client within limit.
func (p *party) shutdown(t *testing.T, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	p.report, _ = p.client.Shutdown(ctx) // the report says what the error says
	if p.report.Emitted != p.emitted() {
		t.Errorf("%s: %d events emitted by its account, %d by the test's", p.name,
			p.report.Emitted, p.emitted())
	}
	if p.report.Left > 0 {
		t.Errorf("%s: %d events are left", p.name, p.report.Left)
	}
}

// Whatever happens to brokers and the network, each event is in the topic once, or in a loss
// statement, or in the shutdown report; and a thread's events are in order.
func TestEveryLossIsExplainedInChaos(t *testing.T) {
	cluster := threeBrokers(t)
	total, seed := lasting(t, "DASHSTREAM_CHAOS", 2*time.Minute, 10*time.Minute), seedOf(t)
	brokers := cluster.Brokers(kafkatest.Plaintext)
	topic := createTopic(t, brokers)
	network := newNetwork(t, brokers)
	usual := callback.Config{Brokers: brokers, Topic: topic}
	small, hasty := usual, usual
	small.QueueBytes, small.MaxMessageBytes, small.BatchBytes = 1<<20, 64<<10, 16<<10
	hasty.DeliveryTimeout = 4 * time.Second
	oldest, sheds := small, small
	oldest.Overflow, sheds.Shed = callback.OverflowDropOldest, callback.ShedAuto
	parties := []*party{
		newParty(t, "leaves", threads/10, network, usual),
		newParty(t, "usual", threads*4/10, network, usual),
		newParty(t, "small-queue", threads*2/10, network, small),
		newParty(t, "drops-oldest", threads/10, network, oldest),
		newParty(t, "sheds", threads/10, network, sheds),
		newParty(t, "short-timeout", threads/10, network, hasty),
	}
	var players []*player
	for _, p := range parties {
		players = append(players, p.players...)
	}
	turmoil := newTurmoil(t, cluster, network, topic)
	begin := time.Now()
	load := startLoad(players, rate)
	time.Sleep(3 * time.Second)
	turmoil.run(schedule(seed, total))
	emitting, last := time.Since(begin), time.Now()

	// one client ends while it reaches no broker
	network.setAll(swallowed)
	time.Sleep(2 * time.Second)
	load.end()
	parties[0].shutdown(t, 2*time.Second)
	turmoil.heal()
	for _, p := range parties[1:] {
		p.shutdown(t, 2*time.Minute)
	}

	a := newAudit(players)
	silences := slices.DeleteFunc(readTopic(t, brokers, topic, a),
		func(s silence) bool { return s.end.After(last) })
	a.end()
	accounts := a.accounts(parties)
	t.Logf("seed %d, %v of faults, %v of load\n%s", seed, total, emitting.Round(time.Second),
		table(a, accounts, turmoil.made, silences))
	var reported uint64 // numbers that only the shutdown reports know of
	for _, x := range accounts {
		x.check(t, 0)
		for _, l := range x.report.Unstated {
			reported += l.Count
		}
	}
	if n := a.reduced(); n > reported {
		t.Errorf("the reducer calls %d missing numbers unexplained, want at most %d", n, reported)
	}
	for _, f := range a.wrong {
		t.Error(f)
	}
	for kind, n := range a.counts {
		t.Errorf("%s: %d", kind, n)
	}
}
