package kafka

import (
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// peer is what is known of an address.
type peer struct {
	address string
	// cut is set when a connection to it was cut, until one brings something.
	cut atomic.Bool
	// heard is when it last sent something, asked since when it owes an answer and has sent
	// nothing: times of the network, and 1 ns more; 0 if it has sent nothing yet, or owes nothing.
	heard, asked atomic.Int64
	// barred is until when it is not dialled, a time of the network.
	barred atomic.Int64
}

// ask notes that something is wanted of p.
func (p *peer) ask(now time.Duration) {
	if p.asked.Load() == 0 {
		p.asked.CompareAndSwap(0, int64(now)+1)
	}
}

// silent returns for how long p has owed an answer and sent nothing; 0 if it owes none.
func (p *peer) silent(now time.Duration) time.Duration {
	asked := p.asked.Load()
	if asked == 0 {
		return 0
	}
	return now - time.Duration(asked-1)
}

// heardSince reports whether p has sent something since then.
func (p *peer) heardSince(then time.Duration) bool { return p.heard.Load() > int64(then)+1 }

// peer returns the peer of an address.
func (n *network) peer(address string) *peer {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.peerLocked(address)
}

func (n *network) peerLocked(address string) *peer {
	p := n.peers[address]
	if p == nil {
		p = &peer{address: address}
		n.peers[address] = p
	}
	return p
}

// heard notes that p has sent something.
func (n *network) heard(p *peer) {
	now := int64(n.now()) + 1
	p.heard.Store(now)
	n.lastHeard.Store(now)
	if p.asked.Load() != 0 {
		p.asked.Store(0)
	}
	if p.cut.Load() {
		p.cut.Store(false)
	}
	if n.allCut.Load() {
		n.allCut.Store(false)
	}
}

// heardSince reports whether any peer has sent something since then.
func (n *network) heardSince(then time.Duration) bool { return n.lastHeard.Load() > int64(then)+1 }

// owed returns for how long at the most any peer has owed an answer and sent nothing.
func (n *network) owed() (longest time.Duration) {
	now := n.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.peers {
		longest = max(longest, p.silent(now))
	}
	return longest
}

// meet notes at which address a node is, and returns its peer.
func (n *network) meet(meta kgo.BrokerMetadata) *peer {
	if known, ok := n.nodes.Load(meta.NodeID); ok {
		if p := known.(*peer); p.isAt(meta) {
			return p
		}
	}
	p := n.peer(net.JoinHostPort(meta.Host, strconv.Itoa(int(meta.Port))))
	n.nodes.Store(meta.NodeID, p)
	return p
}

// isAt compares without an allocation.
func (p *peer) isAt(meta kgo.BrokerMetadata) bool {
	host, port, err := net.SplitHostPort(p.address)
	if err != nil || host != meta.Host {
		return false
	}
	number, err := strconv.Atoi(port)
	return err == nil && int32(number) == meta.Port
}

// node returns the peer that a node was last met at, or nil.
func (n *network) node(id int32) *peer {
	if p, ok := n.nodes.Load(id); ok {
		return p.(*peer)
	}
	return nil
}
