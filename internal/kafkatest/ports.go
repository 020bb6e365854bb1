package kafkatest

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
)

// A broker's ports are relative to its own base: that of the cluster, plus portsPerBroker for each
// broker before it.
const (
	portsPerBroker = 10
	controllerPort = 3 // a broker's listeners use 0, 1, 2, 4, 5 and 6
	// of broker 1: kept open by a process that has chosen free ports, until its brokers have bound
	// them
	reservedPort = 9
)

// Free ports are searched below the range that common systems use for outgoing connections. A port
// inside that range could be taken by any client while its broker is down. It could even connect a
// client that dials it to itself.
const (
	firstFreePort = 20000
	lastFreePort  = 32000
	freePortTries = 100
)

// freePorts finds a base port whose ports are all free, and prevents other callers, in any process,
// from choosing the same one until the reservation is closed.
func freePorts(brokers int) (base int, reservation io.Closer, err error) {
	span := brokers * portsPerBroker
	var errs []error
	for range freePortTries {
		base := firstFreePort + rand.IntN((lastFreePort-firstFreePort)/span)*span
		reservation, err := net.Listen("tcp", loopback(base+reservedPort))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if err := checkPorts(base, brokers); err != nil {
			errs = append(errs, err, reservation.Close())
			continue
		}
		return base, reservation, nil
	}
	return 0, nil, fmt.Errorf("kafkatest: no free ports between %d and %d: %w",
		firstFreePort, lastFreePort, errors.Join(errs[:2]...))
}

// checkPorts returns an error that names the first port that is in use.
func checkPorts(base, brokers int) error {
	for id := 1; id <= brokers; id++ {
		for _, offset := range brokerPorts() {
			port := brokerBase(base, id) + offset
			l, err := net.Listen("tcp", loopback(port))
			if err != nil {
				return fmt.Errorf("kafkatest: port %d, for broker %d, is in use (another base "+
					"port, or 0 for free ones, helps): %w",
					port, id, err)
			}
			if err := l.Close(); err != nil {
				return fmt.Errorf("kafkatest: port %d: %w", port, err)
			}
		}
	}
	return nil
}

func brokerPorts() []int {
	ports := []int{controllerPort}
	for _, l := range listeners {
		ports = append(ports, l.offset)
	}
	return ports
}

func brokerBase(base, id int) int { return base + (id-1)*portsPerBroker }

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
