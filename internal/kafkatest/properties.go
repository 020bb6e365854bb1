package kafkatest

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Listener is one of the ways to connect to each broker. Its value is the listener's name in Kafka.
// It is also the name of its security protocol, except for the two listeners for tokens, which use
// SASL_PLAINTEXT.
type Listener string

// The listeners of every broker.
const (
	Plaintext Listener = "PLAINTEXT" // no encryption and no user
	// User and Password by SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN, not encrypted
	SASLPlaintext Listener = "SASL_PLAINTEXT"
	// the same over TLS, without a client certificate
	SASLSSL Listener = "SASL_SSL"
	// TLS, with a client certificate signed by the CA
	SSL Listener = "SSL"

	OAuthUnsecured Listener = "OAUTH_UNSECURED" // OAUTHBEARER with UnsecuredToken, not encrypted
	// OAUTHBEARER with Cluster.Token, not encrypted; sessions last as long as tokens
	OAuthJWKS Listener = "OAUTH_JWKS"
)

var listeners = []struct {
	name   Listener
	offset int // offset of its port from the broker's base
}{
	{Plaintext, 0},
	{SASLSSL, 1},
	{SSL, 2},
	{SASLPlaintext, 4},
	{OAuthUnsecured, 5},
	{OAuthJWKS, 6},
}

// serverProperties returns a broker's configuration. The user of the plaintext listener, which
// brokers and controllers use among themselves, is a super user. Everybody else may do what no ACL
// on the resource restricts.
func serverProperties(l layout, s spec, id int) []byte {
	var voters, bound, advertised []string
	for n := 1; n <= s.Brokers; n++ {
		voters = append(voters,
			fmt.Sprintf("%d@%s", n, loopback(brokerBase(s.BasePort, n)+controllerPort)))
	}
	base := brokerBase(s.BasePort, id)
	for _, listener := range listeners {
		advertised = append(advertised, fmt.Sprintf("%s://%s", listener.name,
			loopback(base+listener.offset)))
	}
	bound = append(bound, advertised...)
	bound = append(bound, "CONTROLLER://"+loopback(base+controllerPort))

	inSync := strconv.Itoa(min(s.Brokers, 2))
	replicas := strconv.Itoa(s.Brokers)
	const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
	plain := fmt.Sprintf("org.apache.kafka.common.security.plain.PlainLoginModule required "+
		"user_%s=%q user_%s=%q user_%s=%q;",
		user, password, APIKey, APISecret, ConnectionStringUser, ConnectionString)

	var p properties
	p.set("process.roles", "broker,controller")
	p.set("node.id", strconv.Itoa(id))
	p.set("controller.quorum.voters", strings.Join(voters, ","))
	p.set("controller.listener.names", "CONTROLLER")
	p.set("listeners", strings.Join(bound, ","))
	p.set("advertised.listeners", strings.Join(advertised, ","))
	p.set("listener.security.protocol.map",
		"CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,"+
			"SASL_PLAINTEXT:SASL_PLAINTEXT,OAUTH_UNSECURED:SASL_PLAINTEXT,"+
			"OAUTH_JWKS:SASL_PLAINTEXT")
	p.set("inter.broker.listener.name", string(Plaintext))

	p.set("sasl.enabled.mechanisms", "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN")
	for _, listener := range []string{"sasl_ssl", "sasl_plaintext"} {
		p.set("listener.name."+listener+".scram-sha-256.sasl.jaas.config", scram)
		p.set("listener.name."+listener+".scram-sha-512.sasl.jaas.config", scram)
		p.set("listener.name."+listener+".plain.sasl.jaas.config", plain)
	}
	const oauth = "org.apache.kafka.common.security.oauthbearer."
	for _, listener := range []string{"oauth_unsecured", "oauth_jwks"} {
		p.set("listener.name."+listener+".sasl.enabled.mechanisms", "OAUTHBEARER")
		p.set("listener.name."+listener+".oauthbearer.sasl.jaas.config",
			oauth+"OAuthBearerLoginModule required;")
		p.set("listener.name."+listener+".oauthbearer.connections.max.reauth.ms", "3600000")
	}
	const jwks = "listener.name.oauth_jwks.oauthbearer.sasl."
	p.set(jwks+"server.callback.handler.class", oauth+"OAuthBearerValidatorCallbackHandler")
	p.set("listener.name.oauth_jwks.sasl.oauthbearer.jwks.endpoint.url", l.jwksURL())
	p.set("listener.name.oauth_jwks.sasl.oauthbearer.expected.audience", TokenAudience)
	p.set("listener.name.oauth_jwks.sasl.oauthbearer.expected.issuer", TokenIssuer)
	p.set("listener.name.oauth_jwks.sasl.oauthbearer.clock.skew.seconds", "0")
	p.set("ssl.keystore.type", "PEM")
	p.set("ssl.keystore.location", filepath.ToSlash(l.brokerKeystore()))
	p.set("ssl.truststore.type", "PEM")
	p.set("ssl.truststore.location", filepath.ToSlash(l.tlsFiles().CA))
	p.set("listener.name.ssl.ssl.client.auth", "required")
	p.set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
	p.set("allow.everyone.if.no.acl.found", "true")
	p.set("super.users", "User:ANONYMOUS")

	p.set("log.dirs", filepath.ToSlash(l.data(id)))
	p.set("auto.create.topics.enable", "false")
	p.set("default.replication.factor", replicas)
	p.set("min.insync.replicas", inSync)
	for _, topic := range []string{"offsets.topic", "transaction.state.log",
		"share.coordinator.state.topic"} {
		p.set(topic+".replication.factor", replicas)
		p.set(topic+".num.partitions", "3")
	}
	p.set("transaction.state.log.min.isr", inSync)
	p.set("share.coordinator.state.topic.min.isr", inSync)
	p.set("group.initial.rebalance.delay.ms", "0")
	return p.text
}

// properties is a Java properties file.
type properties struct{ text []byte }

// set appends a line. Java reads these files as Latin-1 with a backslash as its escape character.
func (p *properties) set(key, value string) {
	p.text = fmt.Appendf(p.text, "%s=", key)
	for _, r := range value {
		switch {
		case r == '\\':
			p.text = append(p.text, `\\`...)
		case r < ' ' || r > '~':
			for _, unit := range utf16.Encode([]rune{r}) {
				p.text = fmt.Appendf(p.text, `\u%04x`, unit)
			}
		default:
			p.text = append(p.text, string(r)...)
		}
	}
	p.text = append(p.text, '\n')
}
