package redact

import "github.com/dashstream/dashstream-go/internal/redact/corpus"

// planted is a text that holds a secret, see package corpus.
type planted struct {
	what   string
	text   string
	secret string // no byte of the output may spell it
	rule   string // that finds it; "" if several may
}

func secrets() []planted { return plantedOf(corpus.Secrets(1)) }

func tokensOf(seed uint64) []planted { return plantedOf(corpus.NewMaker(seed).Tokens()) }

func plantedOf(list []corpus.Secret) (all []planted) {
	for _, s := range list {
		all = append(all, planted{s.What, s.Text, s.Secret, s.Rule})
	}
	return all
}
