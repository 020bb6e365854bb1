package corpus

var chatEnglish = []string{
	"I forgot my «said», how do I reset it?",
	"Can you help me to rotate the «said» for «service»? It expires on «date».",
	"The «said» is stored in the vault under «name», ask «person» for access.",
	"Please never paste a «said» into the chat.",
	"How many tokens does a page of text have? About «nnnn».",
	"Your «said» must have at least «nn» characters and one digit.",
	"The «said» that «person» created last week is no longer valid.",
	"We use a «said» per «name», so one leak does not affect the others.",
	"Where do I find the «said» of «service»? Under Settings, then Developer.",
	"It says that the «said» is wrong, but I just copied it.",
	"«person» changed the «said» on «date» at «time».",
	"What is the difference between a «said» and a cookie?",
	"The secret of a good sourdough is time: «nn» hours at least.",
	"Do I need a new «said» for every «name»?",
	"The key point is that the «name» keeps working while «service» is down.",
	"Password: at least «nn» characters. Token: valid for «nn» days.",
	"Is the «said» case-sensitive? Yes, it is.",
	"I can't share the «said» with you, but I can tell you how to create one.",
	"The «said» is required; without it the call fails with 401.",
	"Let me check whether the «said» was set in the environment: it was not.",
}

var chatGerman = []string{
	"Ich habe mein Passwort vergessen, wie setze ich es zurück?",
	"Das Passwort muss mindestens «nn» Zeichen haben.",
	"Der Zugriffsschlüssel läuft am «date» ab, bitte erneuern.",
	"Passwort: mindestens «nn» Zeichen, davon eine Ziffer.",
	"«person» hat das Kennwort am «date» geändert.",
	"Wo finde ich den API-Schlüssel von «service»? Unter Einstellungen.",
	"Das Token ist abgelaufen, melde dich bitte neu an.",
	"Das Geheimnis eines guten Teigs ist Zeit: «nn» Stunden.",
	"Kannst du das Passwort für «name» zurücksetzen?",
	"Bitte nie ein Passwort in den Chat schreiben.",
	"Das Passwort ist falsch, sagt «service».",
	"Ein Token entspricht etwa «n» Zeichen.",
}

var chatFrench = []string{
	"J'ai oublié mon mot de passe, comment le réinitialiser ?",
	"Le mot de passe doit contenir au moins «nn» caractères.",
	"Mot de passe : au moins «nn» caractères.",
	"La clé d'API de «service» expire le «date».",
	"«person» a changé le mot de passe le «date».",
	"Le jeton est expiré, reconnectez-vous.",
	"Où trouver la clé secrète de «service» ? Dans les réglages.",
	"Le secret d'une bonne pâte : «nn» heures de repos.",
	"Ne partagez jamais votre mot de passe.",
	"Un jeton vaut environ «n» caractères.",
	"Le mot de passe est incorrect, dit «service».",
}

var chatSpanish = []string{
	"Olvidé mi contraseña, ¿cómo la restablezco?",
	"La contraseña debe tener al menos «nn» caracteres.",
	"Contraseña: mínimo «nn» caracteres.",
	"La clave de API de «service» caduca el «date».",
	"«person» cambió la contraseña el «date».",
	"El token ha caducado, inicia sesión de nuevo.",
	"¿Dónde está la clave secreta de «service»? En los ajustes.",
	"El secreto de una buena masa: «nn» horas.",
	"No compartas nunca tu contraseña.",
	"Un token son unos «n» caracteres.",
	"La contraseña es incorrecta, dice «service».",
}

var chatPortuguese = []string{
	"Esqueci minha senha, como faço para redefinir?",
	"A senha deve ter pelo menos «nn» caracteres.",
	"Senha: mínimo de «nn» caracteres.",
	"A chave de API do «service» expira em «date».",
	"«person» mudou a senha em «date».",
	"O token expirou, entre de novo.",
	"Onde encontro a chave secreta do «service»? Nas configurações.",
	"O segredo de uma boa massa: «nn» horas.",
	"Nunca compartilhe a sua senha.",
	"Um token tem cerca de «n» caracteres.",
	"A senha está incorreta, diz o «service».",
}

var chatChinese = []string{
	"我忘记了密码,怎么重置?",
	"密码至少需要«nn»个字符。",
	"密码:至少«nn»个字符,包含一个数字。",
	"«service»的API密钥将于«date»过期。",
	"«person»在«date»修改了密码。",
	"令牌已过期,请重新登录。",
	"在哪里可以找到«service»的密钥?在设置里。",
	"请不要把密码发到聊天里。",
	"一个令牌大约是«n»个字符。",
	"«service»提示密码错误。",
	"面团的秘密是时间:«nn»小时。",
}

var chatJapanese = []string{
	"パスワードを忘れました。どうやって再設定しますか?",
	"パスワードは«nn»文字以上にしてください。",
	"パスワード:«nn»文字以上、数字を一つ含む。",
	"«service»のAPIキーは«date»に期限切れになります。",
	"«person»さんが«date»にパスワードを変更しました。",
	"トークンの有効期限が切れました。もう一度ログインしてください。",
	"«service»の秘密鍵はどこにありますか?設定にあります。",
	"パスワードをチャットに書かないでください。",
	"1トークンは約«n»文字です。",
	"«service»がパスワードが違うと言っています。",
}

var chatRussian = []string{
	"Я забыл пароль, как его сбросить?",
	"Пароль должен содержать не менее «nn» символов.",
	"Пароль: не менее «nn» символов, одна цифра.",
	"Ключ API для «service» истекает «date».",
	"«person» сменил пароль «date».",
	"Токен истёк, войдите снова.",
	"Где найти секретный ключ «service»? В настройках.",
	"Секрет хорошего теста: «nn» часов.",
	"Никогда не пишите пароль в чат.",
	"Один токен — это примерно «n» символа.",
	"«service» говорит, что пароль неверный.",
}
