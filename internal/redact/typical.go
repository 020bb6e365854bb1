package redact

import "strings"

// typicalTexts are words that texts of agents are full of: English, and the keys of what they send.
// The filter is built so that it seldom stops in them.
const typicalTexts = `
for for for for and and the the of to is in on at as by or if but not are was been has had may can
do an it he she we you me my no so up out all who his her its our
the and that have with this from they will would there their what about which when make like time
just know take people into year your
good some could them see other than then now look only come over think also back after use two how
our work first well way even new want because any these give day most
passenger airline flight reservation booking customer service agent user message role content tool
function arguments result name type value text model request response
status error node graph state start started ended duration count total number input output prompt
completion list item items data date number string object array
description properties required parameters information confirm confirmation change cancel
cancellation available additional question answer application organization
conversation action transaction operation location section option condition position national
international attribute attributes context document search query
please help thank looking asked booked worked liked called needed provided created updated assistant
system following include including based between through
economy business class basic baggage insurance credit card payment method address phone order
product return exchange refund delivered processed pending
running testing reading writing thinking planning processing reasoning each every where while before
after during another something nothing
need needs check checked payment payments travel method methods being again still great should must
may might never always often small large long high low right left next last
same different important point place case week month hour world life hand part parts child woman man
men women house home company group problem fact money story lot study book
word business issue side kind head power market price cost report review record records level office
door health person art history party within along until without against
since around became become found given seen known taken made gone went came shown held kept told
felt ready simple clear certain possible general public local early late
user_id flight_number order_id tool_calls call_id function_call node_name created_at updated_at
max_tokens prompt_tokens completion_tokens total_tokens finish_reason
first_name last_name payment_method payment_id session_id request_id thread_id run_id agent_name
tool_name reservation_id date_of_birth start_time end_time
certificate certified identified notification notified modified original origin source strict
recommend recommendation assist assistance obtain pressure departure arrival certain
said says told asks answer 0000 00000 000000 1000 10000 100000 2000 000 0001 0002 0.000 00:00:00
`

// commonness is what is known of texts. It is used while a filter is made, and no longer.
type commonness struct {
	shares  [1 << 16]float64 // how much of the texts that come by each pair is
	typical *pairsBeside     // the pairs that stand beside each other in typical texts
}

func newCommonness() *commonness {
	c := &commonness{typical: neighbours(typicalTexts)}
	letters := letterPairs()
	for p := range c.shares {
		c.shares[p] = share(uint16(p), letters)
	}
	return c
}

// typicalShare is what share of all pairs each of them is taken to be, for each time that it is
// there.
const typicalShare = 1.0 / 1000

// pairsBeside are the pairs that stand behind a pair, and before it.
type pairsBeside struct {
	after, before   map[uint16][]uint16
	firsts, seconds pairSet // the keys of the maps
}

func neighbours(words string) *pairsBeside {
	of := &pairsBeside{after: map[uint16][]uint16{}, before: map[uint16][]uint16{}}
	for word := range strings.FieldsSeq(words) {
		for _, between := range []string{" ", "_"} {
			for text := between + word + between; len(text) >= 4; text = text[1:] {
				a, b := uint16(text[0])|uint16(text[1])<<8, uint16(text[2])|uint16(text[3])<<8
				of.after[a] = append(of.after[a], b)
				of.before[b] = append(of.before[b], a)
				of.firsts.add([]uint16{a})
				of.seconds.add([]uint16{b})
			}
		}
	}
	return of
}

// commonPairs are the pairs of letters that make up most of English, the commonest first.
const commonPairs = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se " +
	"ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la " +
	"ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi " +
	"em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig " +
	"tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui fr oo ag if ap sp cl bo od ck gr do up " +
	"bu br qu ef"

// letterPairs returns the shares of pairs of letters, the first one the row.
func letterPairs() *[26][26]float64 {
	var t [26][26]float64
	for a := range t {
		for b := range t[a] {
			t[a][b] = 1.0 / 4096
		}
	}
	for i := 0; i+2 <= len(commonPairs); i += 3 {
		t[commonPairs[i]-'a'][commonPairs[i+1]-'a'] = 0.25 / float64(i/3+10) // nearly Zipf's law
	}
	return &t
}

// share is how much of the texts that come by a pair is, by a rough guess that knows of English, of
// names, and of random letters.
func share(p uint16, letters *[26][26]float64) float64 {
	a, b := byte(p), byte(p>>8)
	switch {
	case is(a, lower) && is(b, lower):
		return letters[a-'a'][b-'a']
	case is(a, alnum) && is(b, alnum):
		return 1.0 / 4096
	case a < ' ' || b < ' ' || a >= 0x80 || b >= 0x80:
		return 1.0 / 8192
	case a == ' ' || b == ' ':
		return 1.0 / 140
	case a == '_' || b == '_':
		return 1.0 / 600
	}
	return 1.0 / 2048
}
