// Package redact hides secrets in what a producer is about to publish.
//
// A [Redactor] looks for secrets in two ways. By name: the value of a field called password,
// apiKey, x-auth-token, DB_SECRET and the like is hidden whole, with everything below it. By value:
// what looks like a known kind of credential (a GitHub token, a JWT, a PEM private key, the
// password in a URL, the value in "password=…") is hidden wherever it stands in a text. In the
// place of each stands a mark that says what was there, such as [REDACTED:github-token], and each
// is counted under the rule that found it.
//
// It works on values in a structure. A JSON document is walked token by token, and strings are
// decoded before anyone looks into them, so an escaped secret is found and the result is always
// valid JSON; a string that itself holds a JSON document is walked the same way. What is not hidden
// stays as it was, byte for byte. [Messages] does the same for messages that are encoded already.
//
// Nearly everything has nothing to hide, and that is found out first. No rule finds anything
// without a literal of its own (a prefix, "://", "token"). So a filter that looks for all of them
// at once, at the same speed for every text, clears what has none.
//
// # Names
//
// A name is cut into words at separators, at changes of case and at digits, and judged by its last
// words: db_password, dbPassword, "DB PASSWORD" and user.password.value are passwords,
// password_policy, max_tokens and secretary are not. Below such a name every string and every
// number is hidden; true, false, null and "" stay, for they say nothing. Some names are read more
// narrowly, since states are full of their harmless uses: session, auth, pass and bearer hide only
// the strings directly below them, and not words such as "closed"; token does not hide the tokens
// of a list of log probabilities; and a name whose value is a JSON Schema of the field, as tools
// declare them, keeps the schema's own vocabulary. In {"name": "DB_PASSWORD", "value": "x"} the
// value is that of the name.
//
// # Values
//
// A name in a text gives its value away in the forms that programs, files, commands and sentences
// have for that. The value is what the syntax around the name makes of it: what is in quotes up to
// the closing one, or else all up to a blank. The quotes, the brackets or the separators that the
// name stands in may end it before. So a password is hidden whole, whatever characters it has. An
// expression of a program (a call, a member, a reference, a placeholder) is no value. What
// terminals are told by, and the escapes of JSON, are seen through.
//
// # Work
//
// What a finder looks at is counted, and a budget bounds it, see [budget]: a message has a burst,
// and what has been looked at earns more. Each finder looks only so far, or remembers what it has
// looked at, so that work grows with texts and not faster; a text that costs more than it earns is
// not looked at to its end. What is beyond the budget is hidden as "unsearched", a rule that cannot
// be switched off. Users' patterns are bounded by what they can cost on a text that is made for
// that.
//
// # Limits
//
// Found is what stands in one value. A secret whose parts are in two values (two members of an
// array; for the chunks of a token stream there is [Stream]) is not found. Nor is one that is
// encoded once more (base64, percent encoding, hexadecimal), or rendered as an image, or one with
// no form of its own and no name beside it ("swordfish" in a sentence). A name in the middle of a
// text gives its value away only in the forms that assignments take (=, :, =>, quotes, a flag, a
// header, a tag, a table, "is", with or without Markdown); where the form alone is ambiguous
// ("password: …" is a line of YAML or a line of prose) the value has to look like a secret.
package redact
