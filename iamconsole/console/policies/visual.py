"""The visual policy editor: a policy's text as blocks of a form, and the form's changes in the text.

How a page uses it, in a POST form with an id:

    editor = VisualEditor(request, document)      # `document`: the text to begin with
    if request.method == "POST" and not editor.browsing:
        … Next or Save was pressed: go on with `editor.document` …
    return render(request, template, {"editor": editor})

    {% include "console/policies/visual_editor.html" with editor=editor form="edit-policy" only %}

The include holds the hidden fields `document`, which is the text and the only state, and
`document-breaks`, without which browsers would turn every line break into CR LF
(`posted_document(request, default)` puts the two together again, also after the JSON editor). Its
style sheet is `css/visual_editor.css`, to be linked in the page's `head` block. All its other
fields and buttons are called `visual` or begin with `visual-`. It is the first thing in the form
that can be pressed by Enter, so it stands before other submit buttons; those that stand above it
(Visual | JSON) belong to the form by their `form` attribute and come after it in the source, or
are links.

`document` is the text after what the post asked for, `browsing` whether a button of the editor was
pressed (or something was typed that has not been added yet), so that nothing is to be saved;
`problem` says why there are no `blocks`: a text that is no JSON object can only be edited as JSON.
A post from the JSON editor has no `visual-` fields and leaves the text as it is.
"""
