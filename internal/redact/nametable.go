package redact

import "strings"

// secretNames are the ends of names whose values are secret.
var secretNames = []struct {
	verdict verdict
	names   string
}{
	{verdict{rule: rulePassword}, "password,passwd,passphrase,passcode,pswd,pass word,pass phrase"},
	{verdict{rule: rulePassword, directory: true}, "pwd"},
	{verdict{rule: rulePassword}, "db pass,database pass,user pass,admin pass,root pass,mysql " +
		"pass,postgres pass,redis pass,smtp pass,ftp pass,mail pass,email pass,ldap pass,default " +
		"pass,become pass,ssh pass,sshpass,dbpass,userpass,keypass,key pass,store pass,require " +
		"pass,storepass,requirepass,bind pw,bindpw,sudo pass,vault pass,api " +
		"pass,client pass,cert " +
		"pass,bind pass,rabbitmq pass,mqtt pass,proxy pass,basic pass,auth pass,login " +
		"pass,account pass,sonar login,imap pass,pop pass,sasl pass,irc pass,pg pass,oracle pass," +
		"mongo " +
		"pass,registry pass,docker pass,npm pass,nexus pass,jenkins pass,wifi pass,oc " +
		"pass,authtok,storepass,db pw,user pw,admin pw,root pw,login pw,smtp pw,mysql pw," +
		"ftp pw,ssh pw"},
	{verdict{rule: rulePassword, weak: true, narrow: true, alone: true}, "pass,pw"},
	{verdict{rule: rulePassword, plural: true}, "passwords,passphrases,passcodes"},
	{verdict{rule: rulePassword},
		"password primary,password " +
			"secondary,passwort,kennwort,passwörter,contraseña,contrasena,senha,mot de " +
			"passe,motdepasse,wachtwoord,hasło,lösenord,parola d " +
			"ordine,salasana,пароль,密码,口令,密碼,パスワード,暗証番号,비밀번호,암호"},
	{verdict{rule: ruleSecret}, "cvv,cvc,cvv2,cvc2,mnemonic,seed phrase,recovery phrase,recovery " +
		"code,backup code"},
	{verdict{rule: ruleSecret, weak: true}, "secret"},
	{verdict{rule: ruleSecret, weak: true, plural: true}, "secrets"},
	{verdict{rule: ruleToken, weak: true}, "token,jwt"},
	{verdict{rule: ruleToken, weak: true}, "github pat,gitlab pat,azure pat,devops pat,ado " +
		"pat,git pat,npm pat,access pat"},
	{verdict{rule: ruleToken, weak: true, plural: true},
		"access tokens,refresh tokens,auth tokens,api tokens,bearer tokens,session tokens,oauth " +
			"tokens,secret tokens,id tokens,csrf tokens,device tokens,jwts"},
	{verdict{rule: ruleToken, weak: true}, "csrf,xsrf"},
	{verdict{rule: ruleToken, weak: true, narrow: true, alone: true}, "bearer"},
	{verdict{rule: ruleAPIKey, weak: true},
		"api key,apikey,app key,application key,auth key,subscription key,license key,consumer " +
			"key,deploy key,webhook key,service key,bot key,functions key"},
	{verdict{rule: ruleAPIKey, weak: true},
		"openai key,anthropic key,cohere key,mistral key,gemini key,groq key,google key,azure " +
			"key,aws key,stripe key,twilio key,sendgrid key,github key,datadog key,pinecone " +
			"key,serpapi key,tavily key,cloudflare key,huggingface key,hf key,service " +
			"role key,rapidapi key"},
	{verdict{rule: ruleAPIKey, weak: true, plural: true}, "api keys,apikeys"},
	{verdict{rule: ruleAccessKey, weak: true},
		"access key,account key,storage key,accesskey,shared access signature"},
	{verdict{rule: ruleAccessKey, weak: true, plural: true}, "access keys,account keys"},
	{verdict{rule: rulePrivateKey, weak: true},
		"private key,privatekey,client key data,tls key,ssl key,client key,key data,ssh key,rsa " +
			"key,pgp key,gpg key,service account key"},
	{verdict{rule: rulePrivateKey, weak: true, plural: true}, "private keys,ssh keys"},
	{verdict{rule: ruleSecretKey, weak: true}, "secret key,secretkey,encryption key,decryption " +
		"key,signing key,master key,hmac key,cipher key,session key,symmetric key,psk,pre shared " +
		"key,preshared key,key material,aes key,des key," +
		"unseal key,kms key material,root key,jwt key,crypto key,data key"},
	{verdict{rule: ruleSecretKey, weak: true, plural: true},
		"secret keys,encryption keys,signing keys"},
	{verdict{rule: ruleAuthorization, weak: true},
		"authorization,authorisation,authorization code"},
	{verdict{rule: ruleAuthorization, weak: true, narrow: true}, "auth"},
	{verdict{rule: ruleCookie, weak: true}, "cookie,cookies"},
	{verdict{rule: ruleCredentials, weak: true}, "credential,credentials,creds"},
	{verdict{rule: ruleSession, weak: true, narrow: true}, "session"},
	{verdict{rule: ruleSession, weak: true}, "phpsessid,jsessionid,sessid,connect sid,session " +
		"cookie"},
}

// suffix is the end of a word that was made of several.
type suffix struct {
	word    string
	verdict verdict
}

// runTogether are the words that others are written together with, by their last byte.
var runTogether = byLastByte([]suffix{
	{"password", verdict{rule: rulePassword, secret: true}},
	{"passwords", verdict{rule: rulePassword, secret: true, plural: true}},
	{"passwd", verdict{rule: rulePassword, secret: true}},
	{"passphrase", verdict{rule: rulePassword, secret: true}},
	{"passcode", verdict{rule: rulePassword, secret: true}},
	{"pwd", verdict{rule: rulePassword, secret: true, directory: true}},
	{"secret", verdict{rule: ruleSecret, secret: true, weak: true}},
	{"token", verdict{rule: ruleToken, secret: true, weak: true}},
	{"apikey", verdict{rule: ruleAPIKey, secret: true, weak: true}},
	{"accesskey", verdict{rule: ruleAccessKey, secret: true, weak: true}},
	{"accountkey", verdict{rule: ruleAccessKey, secret: true, weak: true}},
	{"privatekey", verdict{rule: rulePrivateKey, secret: true, weak: true}},
	{"secretkey", verdict{rule: ruleSecretKey, secret: true, weak: true}},
	{"authorization", verdict{rule: ruleAuthorization, secret: true, weak: true}},
	{"cookie", verdict{rule: ruleCookie, secret: true, weak: true}},
	{"credential", verdict{rule: ruleCredentials, secret: true, weak: true}},
	{"credentials", verdict{rule: ruleCredentials, secret: true, weak: true}},
})

func byLastByte(all []suffix) (by [256][]suffix) {
	for _, s := range all {
		b := s.word[len(s.word)-1]
		by[b] = append(by[b], s)
	}
	return by
}

// oddlyCut are long enough that no two other words end and begin so.
var oddlyCut = []suffix{
	{"password", verdict{rule: rulePassword, secret: true}},
	{"passwd", verdict{rule: rulePassword, secret: true}},
	{"passphrase", verdict{rule: rulePassword, secret: true}},
	{"apikey", verdict{rule: ruleAPIKey, secret: true, weak: true}},
	{"authorization", verdict{rule: ruleAuthorization, secret: true, weak: true}},
	{"credential", verdict{rule: ruleCredentials, secret: true, weak: true}},
	{"credentials", verdict{rule: ruleCredentials, secret: true, weak: true}},
}

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// tails are words after which a name still means what it meant before them.
var tails = setOf("value val header hash hashed digest encrypted enc encoded plain plaintext raw " +
	"text string str pem base b old new current previous prev confirm confirmation repeat again " +
	"prod production staging dev")

// pieces are the tails after which a token is a piece of a text.
var pieces = setOf("str text string")

// asksOrCounts are first words of names whose values answer a question about a secret, or count
// some.
var asksOrCounts = setOf("is has had needs requires supports allows forgot num number count " +
	"total max min n")

// tokenOfText are words before "token" in names that speak of texts, of their pages, and of what
// can be cancelled.
var tokenOfText = setOf("next page paging pagination continuation cursor sync first last per eos " +
	"bos pad unk sep cls mask special stop start end begin input output prompt completion total " +
	"max min num n cached image audio text reasoning thinking avg mean cost each word sub " +
	"subword bpe cancel cancellation logprob")
