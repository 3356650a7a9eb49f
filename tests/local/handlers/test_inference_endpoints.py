"""Who may do what with the Inference Endpoints of an account."""

from __future__ import annotations


def test_who_may_read_the_endpoints_of_an_account_learns_it_from_the_hub(hub, ada, bob):
    path = "/api/inference-endpoints/ada/auth-check"
    told = ada("POST", f"{path}/write")
    assert (told.status, told.json()["namespace"]["name"], told.json()["user"]["name"]) == (200, "ada", "ada")
    assert ada("POST", f"{path}/infer").status == 200
    assert bob("POST", f"{path}/read").status == 403
    assert ada("POST", f"{path}/own").status == 400
    assert ada("POST", "/api/inference-endpoints/nobody/auth-check/read").status == 404
    assert ada("POST", "/api/inference-endpoints/ada/none/auth-check/read").status == 404
