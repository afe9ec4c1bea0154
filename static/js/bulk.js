// Goes on with the next slice of a long bulk action; without scripts there is the button.
"use strict";

document.querySelector("form[data-continue]")?.requestSubmit();
