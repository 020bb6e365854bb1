package load

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Names says what the names of an event's attributes look like: what hides secrets by name looks at
// each of them.
type Names string

// The sets of names.
const (
	Numbered    Names = ""            // attribute_number_001 and so on
	Neutral     Names = "neutral"     // no word of theirs is in the name of a secret
	Conventions Names = "conventions" // of OpenTelemetry for generative AI, and of OpenInference
	Digits      Names = "digits"      // with a digit, and a word that names of secrets have too
	Telling     Names = "telling"     // with a word that names of secrets have too
	Drawn       Names = "random"      // letters and digits, and such words, drawn at random
)

// NameSets are all but Numbered.
var NameSets = []Names{Neutral, Conventions, Digits, Telling, Drawn}

var namesOf = map[Names]string{
	Neutral: "colour height weather village animal distance building river morning speed",
	Conventions: "gen_ai.usage.input_tokens gen_ai.usage.output_tokens gen_ai.operation.name " +
		"gen_ai.request.max_tokens gen_ai.response.finish_reasons " +
		"llm.token_count.prompt_details.cache_read llm.token_count.completion " +
		"openinference.span.kind session.id gen_ai.conversation.id",
	Digits: "user_key_v2 s3_key oauth2_scope step1_tokens attribute_key_num_01 sha256_of_input " +
		"p95_latency_ms h264_profile layer3_hits x509_issuer",
	Telling: "cache_key session.id token_count sort_key password_policy auth_type max_tokens " +
		"cookie_policy partition_key credential_type",
}

// KeysOf returns the names of a set. seed is for those that are drawn.
func KeysOf(set Names, seed uint64) ([Attributes]string, error) {
	if set == Numbered {
		return Keys, nil
	}
	var keys [Attributes]string
	if set == Drawn {
		random := rand.New(rand.NewPCG(seed, 3))
		harmless := strings.Fields("key_id token_count session_count auth_type pass_rate keys " +
			"tokens user node step cache")
		for i := range keys {
			keys[i] = harmless[random.IntN(len(harmless))] + fmt.Sprintf("_%d_",
				i) + letters(random)[:4+random.IntN(12)] + "_n"
		}
		return keys, nil
	}
	names := strings.Fields(namesOf[set])
	if copy(keys[:], names) != Attributes {
		return keys, fmt.Errorf("names %q: want one of %v", set, NameSets)
	}
	return keys, nil
}
