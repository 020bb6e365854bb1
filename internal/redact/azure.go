package redact

// azureTriggers are those of Microsoft's credentials, which are known by what stands in their
// midst.
func azureTriggers() []trigger {
	ts := []trigger{{literal: "AZDO", find: findAzureDevOps}}
	for _, d := range "0123456789" {
		ts = append(ts, trigger{literal: string(d) + "Q~", find: findAzureSecret})
	}
	for _, k := range azureKeys {
		for _, signature := range k.signatures {
			ts = append(ts, trigger{literal: signature, find: k.find})
		}
	}
	return ts
}

// azureKey is the form of keys that have a signature of four bytes: so many bytes before it, and so
// many after it, without padding.
type azureKey struct {
	before, after int
	signatures    []string
}

var azureKeys = []azureKey{
	// storage, batch, machine learning, Cosmos DB, API management
	{76, 6, []string{"+ASt", "+ABa", "+AMC", "ACDb", "APIM"}},
	// Service Bus, Event Hubs, relay, IoT, cache
	{33, 6, []string{"+ASb", "+AEh", "+ARm", "AIoT", "AzCa"}},
	{42, 6, []string{"+ACR", "AzSe"}}, // container registry, search
	{44, 6, []string{"AzFu"}},         // functions
	{52, 28, []string{"JQQJ"}},        // most others
}

func (k *azureKey) find(s *scan, at int) {
	const chars = alnum | slash | under | dash
	begin, body := at-k.before, at+len(k.signatures[0])
	if s.back(at, chars, k.before) != begin || s.insideBlob(begin) {
		return
	}
	end := s.run(body, chars, k.after+3)
	if n := end - body; n == k.after || n == k.after+2 {
		s.hide(begin, s.run(end, equals, 2), ruleAzureKey)
	}
}

// findAzureSecret looks at the middle of a client secret of Microsoft Entra ID: three bytes before
// the digit, 31 to 34 after the tilde.
func findAzureSecret(s *scan, at int) {
	const chars = dotted | tilde
	begin, body := s.wordBegin(at, chars, 4), at+len("0Q~")
	end := s.run(body, chars, 41)
	if at-begin != 3 || end-body < 31 || end-body > 40 {
		return
	}
	s.hide(begin, end, ruleAzureSecret)
}

// findAzureDevOps looks near the end of a personal access token of Azure DevOps: 76 bytes before
// it, and four after it.
func findAzureDevOps(s *scan, at int) {
	begin, end := s.wordBegin(at, alnum, 77), s.run(at, alnum, 9)
	if at-begin == 76 && end-at == 8 {
		s.hide(begin, end, ruleAzureDevOps)
	}
}
