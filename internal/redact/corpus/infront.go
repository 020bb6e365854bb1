package corpus

// inFront has secrets in front of what says what they are.
func (m Maker) inFront() []Secret {
	odd := func() string { return m.simple() + m.Of("#^~", 1) + m.Alnum(4) }
	return append(lines(m.simple,
		`It said {"value": "%s", "name": "DB_PASSWORD"} at last.`,
		"```json\n[\n  {\n    \"value\": \"%s\",\n    \"key\": \"DB_PASSWORD\"\n  }\n]\n```",
		"<entry><value>%s</value><key>DB_PASSWORD</key></entry>",
		`<add value="%s" key="DB_PASSWORD"/>`, `<input value="%s" type="password">`,
		`<input class="x" value="%s" name="password" id="p">`,
		"value = \"%s\"\nname = \"DB_PASSWORD\"\n", "env:\n- value: %s\n  name: DB_PASSWORD\n",
		"- value: '%s'\n  key: DB_PASSWORD\n", "Value: %s\nName: DB_PASSWORD\n",
		"{Value:%s Name:DB_PASSWORD}", "map[Value:%s Variable:DB_PASSWORD]",
		"echo %s | docker login --username bob --password-stdin registry.example.com",
		"echo '%s' | sudo -S systemctl restart x", "echo 'bob:%s' | sudo chpasswd",
		"printf '%s' | docker login -u bob --password-stdin"),
		lines(odd, "%s is the password", "%s is my password.", "Use %s as the password.",
			"log in with %s (password)", "%s (the password)", "`%s` is your new password",
			"set %s as your API key", "%s -> DB_PASSWORD", "%s est le mot de passwd",
			"%s ist das Passwort", "echo %s > /run/secrets/db_password")...)
}
