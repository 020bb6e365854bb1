package redact

import "testing"

// What describes a secret holds none.
var described = []string{
	`{"properties":{"token":{"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"title":"Token"}}}`,
	`{"properties":{"api_key":{"title":"Api Key","anyOf":[{"type":"string","minLength":3},{"type":"null"}]}},"required":["api_key"]}`,
	`{"token":{"$ref":"#/components/schemas/Token"}}`,
	`{"password":{"allOf":[{"$ref":"#/definitions/Secret"}],"description":"of the user"}}`,
	`{"cookie":{"type":"string","in":"cookie"}}`,
	`{"securitySchemes":{"apiKey":{"type":"apiKey","name":"X-API-Key","in":"header"},"cookie":{"type":"http","scheme":"bearer","bearerFormat":"JWT"}}}`,
	`{"flows":{"authorizationCode":{"authorizationUrl":"https://example.com/a","tokenUrl":"https://example.com/t","scopes":{"read":"to read"}}}}`,
}

func TestDescriptionsOfSecretsStay(t *testing.T) {
	r := redactor(t, Rules{})
	for _, doc := range described {
		if out, changed, err := r.JSON(nil, []byte(doc)); changed || err != nil {
			t.Errorf("%s becomes %s (%v)", doc, out, err)
		}
	}
	for _, text := range []string{
		"secret = hashlib.sha256(password.encode()).hexdigest()",
		"const apiKey = process.env.OPENAI_API_KEY!", "const apiKey = process.env.OPENAI_API_KEY!;",
		"PASSWORD=$(pass show db)", "export TOKEN=$(cat /run/secrets/token)",
		"password: !vault |", "password: !Ref DbPassword",
		"resume_token", "token = request.headers.get(\"Authorization\", \"\").split(\" \")[1]",
		"password = kwargs.pop('password', None)", "apiKey: config.get<string>('apiKey'),",
		"token: Annotated[str, Depends(oauth2_scheme)]", "password: Optional[SecretStr] = None",
		"secret_key = Fernet.generate_key()", "password = \"\".join(random.choice(chars) for " +
			"_ in range(12))", "let token = self.lexer.next_token()?;",
		"const token = jwt.sign({ id: user.id }, process.env.JWT_SECRET);",
		"if (!token) return res.status(401).json({ error: 'no token' });",
		"password_hash = bcrypt.hashpw(password.encode(), bcrypt.gensalt())",
		"token = \"${{ secrets.GITHUB_TOKEN }}\"", "password: ${{ secrets.DB_PASSWORD }}",
		"api_key: \"{{ vault_api_key }}\"", "password = var.db_password",
		"password = data.vault_generic_secret.db.data[\"password\"]",
		"secretName: my-app-tls-secret",
		"secretKeyRef:\n  name: my-secret\n  key: password", "passwordField.setText(\"\");",
		"token := r.Header.Get(\"X-Token\")", "func setPassword(p string) { u.password = p }",
		"this.password = password;", "password=$(aws secretsmanager get-secret-value " +
			"--secret-id db)",
	} {
		if out, changed := r.String("content", text); changed {
			t.Errorf("%q becomes %q", text, out)
		}
	}
}
