"""Runs LocalStack in host mode on loopback only.

Its web server takes the interface of GATEWAY_LISTEN for IPv6 addresses alone and binds an IPv4 port on
every interface; a laptop's shop is nobody else's business.
"""

from twisted.internet import endpoints

bind_everywhere = endpoints.TCP4ServerEndpoint


def bind_loopback(reactor, port, backlog=511):
    return bind_everywhere(reactor, port, backlog=backlog, interface="127.0.0.1")


endpoints.TCP4ServerEndpoint = bind_loopback

from localstack.runtime.main import main  # noqa: E402  (the patch comes first)

main()
