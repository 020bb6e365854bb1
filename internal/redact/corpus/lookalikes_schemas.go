package corpus

import (
	"fmt"
	"strings"
)

// optional is a schema of a field that may be absent, as the tools of several ecosystems write it.
func (m Maker) optional() string {
	return m.one(
		`{"type":"string"}`,
		`{"type":"string","description":"`+
			m.fill("The «said» of the «name», at least «nn» characters")+`"}`,
		`{"anyOf":[{"type":"string"},{"type":"null"}]}`,
		`{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"`+m.fill("«Secret»")+
			`"}`,
		`{"anyOf":[{"format":"password","type":"string","writeOnly":true},{"type":"null"}],"default":null}`,
		`{"type":["string","null"],"default":null}`,
		`{"oneOf":[{"type":"string"},{"type":"integer"}]}`,
		`{"allOf":[{"$ref":"#/$defs/`+m.fill("«Secret»")+`"}],"default":null}`,
		`{"$ref":"#/components/schemas/`+m.fill("«Secret»")+`"}`,
		`{"$ref":"#/definitions/`+m.fill("«Secret»")+`"}`,
		`{"type":"string","format":"password","writeOnly":true,"minLength":8,"maxLength":128}`,
		`{"type":"string","pattern":"^[A-Za-z0-9]{8,64}$","examples":["`+
			m.one("<token>", "YOUR_TOKEN")+`"]}`,
		`{"type":"string","enum":["none","basic","oauth2"],"default":"none"}`,
		`{"title":"`+m.fill("«Secret»")+`","type":"string","deprecated":true}`,
		`{"type":"array","items":{"type":"string"},"maxItems":5}`,
		`{"type":"object","properties":{"name":{"type":"string"},"key":{"type":"string"}},"required":["name"]}`,
		`{"type":"boolean","default":false}`,
		`{"nullable":true,"type":"string"}`,
		`{"const":null}`,
	)
}

func (m Maker) fields() string {
	var fields []string
	for _, name := range []string{m.fill("«secret»"), m.fill("«name»"), m.fill("«secret»_2"),
		m.fill("«Secret»")}[:1+m.IntN(4)] {
		fields = append(fields, fmt.Sprintf("%q:%s", name, m.optional()))
	}
	return strings.Join(fields, ",")
}

func (m Maker) jsonSchema() string {
	return `{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"` +
		m.fill("«name»") + `","type":"object","properties":{` + m.fields() +
		`},"required":["` + m.fill("«secret»") + `"],"additionalProperties":false}`
}

func (m Maker) pydantic() string {
	name := m.fill("«Secret»")
	return `{"$defs":{"` + name + `":{"properties":{` + m.fields() + `},"title":"` + name +
		`","type":"object"}},"properties":{` + m.fields() + `,"` +
		m.fill("«secret»") + `":{"$ref":"#/$defs/` + name + `"}},"title":"` + m.fill("«name»") +
		`Config","type":"object"}`
}

func (m Maker) mcpTool() string {
	member := m.one("inputSchema", "input_schema", "parameters")
	tool := `{"name":"` + m.fill("«name»_login") + `","description":"` +
		m.fill("Logs the «name» in with a «said»") + `","` + member +
		`":{"type":"object","properties":{` + m.fields() + `},"required":["` + m.fill("«secret»") +
		`"]}}`
	return m.one(tool, `{"tools":[`+tool+`]}`, `{"type":"function","function":`+tool+`}`,
		"Tools: ["+tool+"]")
}

func (m Maker) openAPI() string {
	return m.one(
		`{"components":{"securitySchemes":{"cookieAuth":{"type":"apiKey","in":"cookie","name":"`+
			m.one("SESSIONID", "session", "sid")+`"}}}}`,
		`{"components":{"securitySchemes":{"`+m.fill("«secret»")+
			`":{"type":"apiKey","in":"header","name":"X-API-Key"}}}}`,
		`{"securitySchemes":{"oauth":{"type":"oauth2","flows":{"clientCredentials":{"tokenUrl":"https://`+m.fill("«host»")+`/token","scopes":{"read":"reads"}}}}}}`,
		`{"flows":{"authorizationCode":{"authorizationUrl":"https://`+m.fill("«host»")+
			`/auth","tokenUrl":"https://`+m.fill("«host»")+
			`/token","refreshUrl":"/refresh","scopes":{}}}}`,
		`{"bearerAuth":{"type":"http","scheme":"bearer","bearerFormat":"JWT"}}`,
		`{"components":{"schemas":{"`+m.fill("«Secret»")+`":{"type":"object","properties":{`+
			m.fields()+`}}}}}`,
		`{"name":"Authorization","in":"header","required":true,"schema":{"type":"string"},"description":"`+m.fill("Bearer and the «said»")+`"}`,
		`{"name":"`+m.fill("«secret»")+`","in":"`+m.one("query", "header", "cookie", "path")+
			`","required":true,"schema":`+m.optional()+`}`,
		"parameters:\n  - name: "+m.fill("«secret»")+"\n    in: "+
			m.one("cookie", "header", "query")+"\n    required: true\n    schema:\n      type: "+
			"string",
		"securitySchemes:\n  cookieAuth:\n    type: apiKey\n    in: cookie\n    name: JSESSIONID",
		"schemas:\n  "+m.fill("«Secret»")+":\n    type: object\n    properties:\n      "+
			m.fill("«secret»")+":\n        type: string\n        format: password",
		"security:\n  - "+m.fill("«secret»")+": []\n  - bearerAuth: []",
		"requestBody:\n  content:\n    application/json:\n      schema:\n        $ref: "+
			"'#/components/schemas/"+m.fill("«Secret»")+"'",
	)
}
