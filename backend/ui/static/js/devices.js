// The server has logged who connects to which device: now the tool opens, a program by its own scheme, a page beside.
document.addEventListener("connect", (event) => {
  const { address } = event.detail;
  if (address.startsWith("https:")) window.open(address, "_blank", "noopener,noreferrer");
  else location.assign(address);
});
