package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/twmb/franz-go/pkg/kgo"
)

// dialFunc opens a connection.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// withNetwork returns options that make the client use connections of the network. If
// [Config.Options] contain a dialer or a TLS configuration, the network uses those; otherwise it
// could not enforce deadlines.
func (n *network) withNetwork(options []kgo.Opt) ([]kgo.Opt, error) {
	if err := kgo.ValidateOpts(options...); err != nil {
		return nil, err
	}
	with := func(more ...kgo.Opt) []kgo.Opt {
		return append(options[:len(options):len(options)],
			more...)
	}
	// franz-go rejects a dialer together with a TLS configuration, which reveals either.
	dials := kgo.ValidateOpts(with(kgo.DialTLSConfig(new(tls.Config)))...) != nil
	secures := kgo.ValidateOpts(with(kgo.Dialer(n.DialContext))...) != nil
	if dials || secures {
		probe, err := kgo.NewClient(options...) // connects to nothing
		if err != nil {
			return nil, err
		}
		dial, _ := probe.OptValue(kgo.Dialer).(dialFunc)
		config, _ := probe.OptValue(kgo.DialTLSConfig).(*tls.Config)
		probe.Close()
		switch {
		case dials && dial != nil:
			n.dial = dial
		case secures && config != nil:
			n.tls = &credentials{base: config}
		default:
			return nil, errors.New("a dialer or a TLS configuration that cannot be read")
		}
	}
	return with(kgo.DialTLSConfig(nil), kgo.Dialer(n.DialContext)), nil
}
