package corpus

import (
	stdbase64 "encoding/base64"
	"strings"
)

// Contexts are secrets that what stands beside them gives away; only they may be hidden.
func (m Maker) Contexts() []Secret {
	var out []Secret
	put := func(rule, before, secret, after string) {
		out = append(out, Secret{before + "…" + after, before + secret + after, secret, rule})
	}
	pw := m.Password
	aws := m.Of(Uppers, 1) + m.Of(Digits, 1) + m.Of(Lowers, 1) + m.Of(Base64Chars, 37)

	put("bearer-token", "curl -H 'X-Auth: Bearer ", m.URLish(40), "' https://example.com")
	put("bearer-token", "bearer ", m.Alnum(20), "")
	put("authorization", "Authorization: Bearer ", m.URLish(40), "\r\nHost: example.com")
	put("authorization", "authorization: bearer ", m.Of(Lowers, 12), "")
	put("authorization", "Authorization: Token ", m.Hex(40), "\n")
	put("authorization", `sent {"Authorization": "Basic `,
		stdbase64.StdEncoding.EncodeToString([]byte("admin:"+pw())), `"}`)
	put("authorization", `headers["Authorization"] = "Bearer `, m.Alnum(30), `"`)
	put("authorization", "Authorization: Digest ", `username="bob", response="`+m.Hex(32)+`"`, "")
	put("authorization", "Authorization: ", m.Alnum(32), "")
	put("authorization", "Proxy-Authorization: Basic ",
		stdbase64.StdEncoding.EncodeToString([]byte("u:p")), "")
	put("authorization", "Authorization: AWS4-HMAC-SHA256 ",
		"Credential=x/20240520/us-east-1/s3/aws4_request, Signature="+m.Hex(64), "")
	put("basic-auth", "sent Basic ", stdbase64.StdEncoding.EncodeToString([]byte("svc:"+pw())),
		" to the proxy")
	put("basic-auth", "curl -u admin:", pw(), " https://example.com/api")
	put("basic-auth", "curl --user 'admin:", pw(), "' https://example.com/api")
	put("cookie", "Cookie: ", "sid="+m.Alnum(24)+"; theme=dark", "\r\n")
	put("cookie", "Set-Cookie: ", "session="+m.Hex(32)+"; Path=/; HttpOnly", "\n")
	put("cookie", `-H "Cookie: `, "a=b; token="+m.Alnum(10), `"`)
	put("", "Cookie: csrftoken=x; ", "PHPSESSID="+m.Hex(26), "")

	put("url-password", "postgres://app:", pw(), "@db.internal:5432/orders?sslmode=disable")
	put("url-password", "mongodb+srv://root:", "p@ss"+m.Of(Digits, 2), "@cluster0.example.net/test")
	put("url-password", "redis://:", "x"+m.Of(Digits, 1), "@cache:6379/0")
	put("url-password", "https://user:", "q7", "@example.com/path")
	put("url-password", "amqp://guest:", "pa/ss?w#"+m.Of(Digits, 3), "@mq:5672/vhost")
	put("url-password", "git clone https://oauth2:", m.Alnum(20), "@gitlab.example.com/a/b.git")
	put("url-password", "jdbc:mysql://root:", pw(), "@localhost/x")
	put("url-password", "ftp://anonymous:", "me%40example", "@ftp.example.com")
	put("url-token", "https://", m.Alnum(32), "@github.com/org/repo.git")
	put("url-password", "root:", pw(), "@tcp(127.0.0.1:3306)/shop?parseTime=true")
	put("signed-url",
		"https://acct.blob.core.windows.net/c/f?sv=2022-11-02&se=2024-05-20&sp=r&sig=",
		m.Alnum(40)+"%3D", "")
	put("signed-url", "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=", m.Hex(64),
		"")
	put("signed-url", "https://storage.googleapis.com/b/o?X-Goog-Signature=", m.Hex(256), "")
	put("signed-url", "https://d1.cloudfront.net/v.mp4?Expires=1&Signature=",
		m.Alnum(80)+"__", "&Key-Pair-Id=K")
	put("webhook-url", "https://hooks."+"slack.com/services/", "T"+m.Of(Uppers, 8)+"/B"+
		m.Of(Uppers, 8)+"/"+m.Alnum(24), "")
	put("webhook-url", "https://discord.com/api/webhooks/", m.Of(Digits, 18)+"/"+m.URLish(68), "")
	put("session", "sent _my_app_session=", m.Alnum(32), " to it")
	put("token", "https://example.com/reset?user=1&token=", m.Of(Lowers, 10), "&next=/")
	put("token", "https://example.com/cb#access_token=", m.Alnum(30), "&token_type=bearer")
	put("api-key", "https://maps.example.com/v1?api_key=", m.Alnum(20), "")
	put("api-key", "https://maps.example.com/v1?x=1&apikey=", m.Hex(20), "&y=2")

	put("password", "Server=db;Database=x;User Id=sa;Password=", pw(), ";Encrypt=true")
	put("password", "Server=db;Uid=root;Pwd=", "a1", ";")
	put("password", "Server=db;Uid=root;pwd=", "correct horse", ";")
	put("password", "Driver={ODBC 17};UID=sa;PWD=", "{a;b"+m.Of(Digits, 3)+"}", ";")
	put("password", "host=db user=app password=", pw(), " dbname=orders")
	put("password", "host=db user=app password='", "two words"+m.Of(Digits, 2), "' dbname=orders")
	put("access-key", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=", m.Base64(86)+"==",
		";EndpointSuffix=core.windows.net")
	put("access-key",
		"Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=",
		m.Base64(43)+"=", "")
	put("password", "jdbc:postgresql://db/x?user=app&password=", pw(), "&ssl=true")
	put("password", "CREATE USER app WITH PASSWORD '", pw(), "';")
	put("password", "CREATE USER 'app'@'%' IDENTIFIED BY '", pw(), "';")
	put("password", "export DB_PASSWORD=", pw(), "\nexport PORT=80")
	put("password", "DB_PASS=", pw(), "")
	put("password", "MYSQL_ROOT_PASSWORD: ", pw(), "\n")
	put("password", "spring.datasource.password=", pw(), "\n")
	put("password", "user: bob\npassword: ", "swordfish", "\nport: 80")
	put("password", "password = ", "swordfish", "\n")
	put("password", "password = \"", "swordfish", "\"")
	put("password", `{"user": "bob", "password": "`, "correct horse battery", `"`) // cut off
	put("password", `log: {\"password\": \"`, pw(), `\", \"x\": 1}`)
	put("password", "{'passwd': '", pw(), "'}")
	put("password", `password => "`, pw(), `",`)
	put("password", "my password is ", pw(), ", please log in")
	put("password", "mysql -h db --password ", pw(), " shop")
	put("password", "mysqldump --password=", pw(), " shop")
	put("authorization", `401 from registry: {"auths":{"r.example.com":{"auth":"`,
		stdbase64.StdEncoding.EncodeToString([]byte("bob:"+pw())), `"}}}`)
	put("password", `failed: {"user":"bob","pass":"`, m.Alnum(9)+"7x", `"}`)
	put("password", `failed: {\"pw\": \"`, m.Alnum(9)+"7x", `\"}`)
	put("credentials", "failed: {'creds': '", m.Alnum(20)+"7x", "'}")
	put("session", `failed: {"session":"`, m.Alnum(24)+"7x", `"}`)
	put("password", "<password>", pw(), "</password>")
	put("password", "passphrase: ", pw(), "\n")
	put("password", `db_password := "`, pw(), `"`)
	put("password", `login("bob", password="`, pw(), `")`)
	put("token", "SESSION_TOKEN=", m.Base64(3000), " next")
	put("password", "user=bob pass=", pw(), "")
	put("password", `{"user": "bob", "password": "`, "correct horse batt", "") // cut off
	put("token", `{"token": "`, "abcdef", "")
	put("password", "the password `", pw(), "` is yours")
	put("password", "Your password is: ", pw(), "\n")
	put("password", "the old password was ", pw(), ", change it")
	put("password", "**Password:** ", pw(), "\n")
	put("password", "**Password**: ", pw(), "\n")
	put("password", "- **Password:** `", pw(), "`")
	put("api-key", "*API key*: ", m.Alnum(24), "\n")
	put("token", "__token__: ", m.Alnum(24), "\n")
	put("password", "<b>Password:</b> ", pw(), "<br>")
	put("password", "<strong>Password</strong>: ", pw(), "</p>")
	put("password", "<tr><td>Password</td><td>", pw(), "</td></tr>")
	put("password", "| user | bob |\n| password | ", pw(), " |\n")
	put("api-key", "| API key | ", m.Alnum(32), " |\n")
	put("password", "password -> ", pw(), "\n")
	put("password", "Password \u2192 ", pw(), "")
	put("password", "password - ", pw(), "\n")
	put("password", "user\tbob\npassword\t", pw(), "\n")
	put("password", "password: |\n  ", "correct horse\n  battery "+m.Of(Digits, 2), "\nuser: bob")
	put("password", "db:\n  password: >-\n    ", pw(), "\n  port: 80")
	put("password", "machine example.com login bob password ", pw(), "\n")
	put("url-password", "jdbc:oracle:thin:scott/", pw(), "@//db:1521/orcl")
	put("api-key", "X-Api-Key: ", m.Of(Lowers, 20), "\r\n")
	put("aws-session-token", "", "IQoJ"+"b3JpZ2lu"+m.Base64(300)+"==", "")
	put("aws-session-token", "", "FwoG"+"ZXIvYXdz"+m.Base64(300)+"=", "")
	put("aws-secret-key", "", aws, " AK"+"IA"+m.Of(Uppers, 16))
	put("secret", "client_secret=", m.Alnum(30), "&grant_type=client_credentials")
	put("secret", "client_secret: ", m.URLish(30), "\n")
	put("secret", `"clientSecret": "`, m.Of(Lowers, 12), `"`)
	put("secret", "JWT_SECRET=", m.Of(Lowers, 12), "\n")
	put("api-key", "X-Api-Key: ", m.Alnum(32), "\r\n")
	put("api-key", "my API key is ", m.Alnum(32), ".")
	put("api-key", "OPENAI_API_KEY=", m.Alnum(24), "")
	put("api-key", `apiKey: "`, m.Alnum(16), `",`)
	put("api-key", `req.Header.Set("X-Api-Key", "`, m.Alnum(24), `")`)
	put("token", "access_token: ", m.Alnum(30), "\n")
	put("token", "CI_JOB_TOKEN=", m.Alnum(20), "\n")
	put("token", "token=", m.Alnum(20), "")
	put("token", `setenv("AUTH_TOKEN", "`, m.Alnum(20), `")`)
	put("access-key", "aws_secret_access_key = ", aws, "\n")
	put("access-key", "AWS_SECRET_ACCESS_KEY=", aws, "\n")
	put("secret-key", "SECRET_KEY_BASE=", m.Hex(128), "\n")
	put("secret-key", "ENCRYPTION_KEY='", m.Hex(64), "'")
	put("credentials", "credentials: ", m.Alnum(20), "\n")
	put("aws-secret-key", "AK"+"IA"+m.Of(Uppers, 16)+",", aws, "\n")
	put("aws-secret-key", "AK"+"IA"+m.Of(Uppers, 16)+" / ", aws, "")
	put("private-key", "PRIVATE_KEY=", m.PEM("RSA PRIVATE KEY", "\n"), "\nPORT=80")
	put("private-key", `private_key: "`, m.PEM("PRIVATE KEY", `\n`), `"`)
	put("private-key", "password: ", m.PEM("RSA PRIVATE KEY", "\n"), "")
	put("aws-secret-key", "access_key=AK"+"IA"+m.Of(Uppers, 16)+" ", aws, "\n")
	put("private-key", "", strings.TrimSuffix(m.PEM("RSA PRIVATE KEY", "\n"),
		"\n-----E"+"ND RSA PRIVATE KEY-----"), "")
	return out
}
