/* Sends the answer on to the app; without script a person presses the button. */
document.forms[0].submit();
