package kafka

import (
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// peer is the state of an address.
type peer struct {
	address string
	// cut is set when a connection to it was cut, and cleared when a connection receives something.
	cut atomic.Bool
	// heard is when it last sent something. asked is since when it owes a response and has sent
	// nothing. Both are times of the network plus 1 ns; 0 if it has sent nothing yet, or owes
	// nothing.
	heard, asked atomic.Int64
	// barred is the time of the network until which it is not dialled.
	barred atomic.Int64
}

// ask records that p owes a response.
func (p *peer) ask(now time.Duration) {
	if p.asked.Load() == 0 {
		p.asked.CompareAndSwap(0, int64(now)+1)
	}
}

// silent returns how long p has owed a response and sent nothing; 0 if it owes none.
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

// heard records that p has sent something.
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

// owed returns the longest time for which any peer has owed a response and sent nothing.
func (n *network) owed() (longest time.Duration) {
	now := n.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.peers {
		longest = max(longest, p.silent(now))
	}
	return longest
}

// meet records the address of a node and returns its peer.
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

// node returns the peer of the last known address of a node, or nil.
func (n *network) node(id int32) *peer {
	if p, ok := n.nodes.Load(id); ok {
		return p.(*peer)
	}
	return nil
}
